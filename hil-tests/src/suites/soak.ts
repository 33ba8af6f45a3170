/** Long and dull: nothing wrong, nothing lost, nothing that grows. */
import { Agent } from "../rigs/agent.ts";
import { slopeOf } from "../rigs/statistics.ts";
import { busTable, pointRows, pointTable, rateRow } from "./read-points.ts";
import { check, info, type Suite } from "./suite.ts";

const mebibyte = 1024 * 1024;
const sampleEveryMs = 5_000;
/** A growth is told from a warm-up after this time. */
const growthFromMs = 30 * 60_000;
const growthMaxMiBPerHour = 5;

export const soak: Suite = {
  id: "soak",
  title: "Soak",
  about: "Everything is read for long.",
  unfit: ({ options }) => (options.soakMs === 0 ? 'asked for with "--soak MINUTES"' : undefined),
  run: async ({ configuration, expect, options, say }) => {
    const agent = new Agent(configuration, expect);
    agent.start();
    const beganMs = agent.nowMs();
    const hours: number[] = [];
    const sizes: number[] = [];
    while (agent.nowMs() - beganMs < options.soakMs) {
      await agent.sleep(Math.min(sampleEveryMs, options.soakMs));
      hours.push((agent.nowMs() - beganMs) / 3_600_000);
      sizes.push(process.memoryUsage().rss / mebibyte);
    }
    const periodsMs = configuration.tags.map(({ periodMs }) => periodMs);
    const rows = [
      ...pointRows(agent, options.soakMs),
      rateRow(agent, periodsMs, agent.nowMs() - beganMs),
    ];
    const tables = [busTable(agent), pointTable(agent)];
    agent.stop();
    say(`  ${agent.points.reduce((sum, { count }) => sum + count, 0)} readings`);
    const half = Math.floor(hours.length / 2);
    const slope = slopeOf(hours.slice(half), sizes.slice(half));
    const growth = `${slope.toFixed(1)} MiB an hour over the second half`;
    rows.push(
      options.soakMs < growthFromMs
        ? info("Memory of this process", growth)
        : check("Memory of this process", {
            measured: growth,
            asked: `at most ${growthMaxMiBPerHour}`,
            ok: slope <= growthMaxMiBPerHour,
          }),
    );
    return { rows, distributions: [], tables };
  },
};
