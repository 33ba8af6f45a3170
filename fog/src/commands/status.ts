/** weir-fog status: asks the running fog how it is. */
import { existsSync, readFileSync } from "node:fs";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { FreshnessView } from "@weir/contracts/api/fog.ts";
import type { HealthProblem, TierHealth } from "@weir/contracts/api/health.ts";
import { type LearningView, stageLearningText } from "@weir/contracts/api/learning.ts";
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { FogFault } from "../faults.ts";
import type { FogHealth } from "../fog.ts";
import { ageWords } from "../freshness/freshness.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import { authorityFolder, dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

const answerWithinMs = 5_000;

export const status = command({
  about: "Asks the running fog how it is; ends with 1 when something is wrong.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  async run(args, io) {
    const dataDir = dataDirOf(args.dataDir);
    const health = await ask(dataDir);
    if (args.json) io.out(JSON.stringify({ event: "status", ...health }));
    else for (const line of statusLines(health)) io.out(line);
    return health.ok ? 0 : 1;
  },
});

/** What `GET /healthz` answers. */
export type FogAnswer = TierHealth &
  Omit<FogHealth, "edges"> & {
    edges: (Pick<EdgeLink, "edge" | "online" | "skewMs" | "stored" | "readingsPerSecond"> & {
      freshness: FreshnessView;
    })[];
    learning: LearningView;
  };

/** Problems first: who reads one line only must not miss them. */
export function statusLines(health: FogAnswer): string[] {
  const { atMs, problems, edges } = health;
  const since = (ms: number): string => ageWords(atMs - ms);
  return [
    problems.length === 0 ? "no problem is known" : "",
    ...problems.map(
      ({ severity, text, sinceMs }) => `${words[severity]}, since ${since(sinceMs)}: ${text}`,
    ),
    `cloud ${health.cloud}, ${health.cloudBacklog} items wait for it`,
    `history ${(health.historianBytes / 2 ** 20).toFixed(1)} MiB`,
    ...(edges.length === 0 ? ["no edge has reported yet"] : []),
    ...edges.map(({ edge, freshness, skewMs, stored, readingsPerSecond }) => {
      const heard =
        freshness.state === "live" ? "heard" : `${freshness.state}: ${freshness.reason}`;
      return `${edge}: ${heard}, ${stored} readings stored, ${readingsPerSecond.toFixed(1)}/s, clock ${Math.round(skewMs)} ms behind`;
    }),
    ...learningLines(health.learning),
  ].filter(Boolean);
}

/** How far the site is learned, and of each stage that is not why and when it can be. */
function learningLines({ text, stages, atMs, tz }: LearningView): string[] {
  const others = stages.filter(({ state }) => state !== "learned");
  return [text, ...others.map((stage) => `  ${stageLearningText(stage, { nowMs: atMs, tz })}`)];
}

const words: Record<HealthProblem["severity"], string> = {
  advisory: "note",
  low: "warning",
  medium: "PROBLEM",
  high: "CRITICAL",
};

async function ask(dataDir: string): Promise<FogAnswer> {
  const url = readRunFile(dataDir)?.httpUrl;
  if (!url) throw new FogFault("FOG_NOT_RUNNING", { dataDir, why: "it has left no address" });
  // The site's own authority vouches for the dashboard; the system knows nothing of it.
  const ca = join(authorityFolder(dataDir), "ca.pem");
  const target = new URL("/healthz", url);
  if (target.hostname === "0.0.0.0") target.hostname = "127.0.0.1";
  const get = target.protocol === "https:" ? getHttps : getHttp;
  const options = { timeout: answerWithinMs, ...(existsSync(ca) && { ca: readFileSync(ca) }) };
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const request = get(target, options, (answer) => textOf(answer).then(resolve, reject));
      request.on("error", reject);
      request.on("timeout", () =>
        request.destroy(new FogFault("FOG_SILENT", { dataDir, answerWithinMs })),
      );
    });
    return JSON.parse(text) as FogAnswer;
  } catch (error) {
    // Somebody listens there: another one beside it would be refused the folder.
    if (error instanceof FogFault) throw error;
    throw new FogFault(
      "FOG_NOT_RUNNING",
      { dataDir, why: (error as Error).message },
      { cause: error },
    );
  }
}
