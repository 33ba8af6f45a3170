/** weir-fog status: asks the running fog how it is. */
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { Fault } from "@weir/runtime/fault.ts";
import type { FogHealth } from "../fog.ts";
import { dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

const answerWithinMs = 5_000;

export const status = command({
  about: "Ask the running fog how it is.",
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
  try {
    const answer = await fetch(new URL("/healthz", url), {
      signal: AbortSignal.timeout(answerWithinMs),
    });
    return (await answer.json()) as FogHealth;
  } catch (error) {
    throw new Fault(
      "FOG_NOT_RUNNING",
      { dataDir, why: (error as Error).message },
      { cause: error },
    );
  }
}
