/** weir-fog status: asks the running fog how it is. */
import { existsSync, readFileSync } from "node:fs";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { Fault } from "@weir/runtime/fault.ts";
import type { FogHealth } from "../fog.ts";
import { authorityFolder, dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

const answerWithinMs = 5_000;

export const status = command({
  about: "Asks the running fog how it is.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  async run(args, io) {
    const dataDir = dataDirOf(args.dataDir);
    const health = await ask(dataDir);
    if (args.json) {
      io.out(JSON.stringify({ event: "status", ...health }));
      return 0;
    }
    io.out(`cloud ${health.cloud}, ${health.cloudBacklog} items wait for it`);
    io.out(`history ${(health.historianBytes / 2 ** 20).toFixed(1)} MiB`);
    for (const { edge, online, skewMs, stored, readingsPerSecond } of health.edges) {
      const state = online ? "online" : "offline";
      io.out(
        `${edge}: ${state}, ${stored} readings stored, ${readingsPerSecond.toFixed(1)}/s, clock ${Math.round(skewMs)} ms behind`,
      );
    }
    return 0;
  },
});

async function ask(dataDir: string): Promise<FogHealth> {
  const url = readRunFile(dataDir)?.httpUrl;
  if (!url) throw new Fault("FOG_NOT_RUNNING", { dataDir, why: "it has left no address" });
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
      request.on("timeout", () => request.destroy(new Fault("FOG_SILENT", { answerWithinMs })));
    });
    return JSON.parse(text) as FogHealth;
  } catch (error) {
    throw new Fault(
      "FOG_NOT_RUNNING",
      { dataDir, why: (error as Error).message },
      { cause: error },
    );
  }
}
