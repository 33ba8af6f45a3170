/** The serial lines misbehave in every way at once, and still nothing wrong is taken for right. */
import { Agent } from "../rigs/agent.ts";
import { busTable, pointTable, wrongRow } from "./read-points.ts";
import { info, type ResultRow, type Suite } from "./suite.ts";

/** Share of answers that each failure hits. */
const share = 0.04;
const failures = ["crc", "junk", "collision", "truncated", "silent"];
/** Lines on which something is sent, and may come back. */
const echoing = ["rtu", "csv", "sdi12"];
/** Late answers fall into the quiet after a time-out, into the next question, and into the one after. */
const delays = ["320ms", "420ms", "700ms"];

export const noisyLine: Suite = {
  id: "noisy-line",
  title: "A line that misbehaves",
  about: `Late, spoiled, doubled, cut and missing answers, each ${100 * share} % of the time, on every serial line.`,
  unfit: ({ host }) =>
    host.lines.length === 0 ? "only a simulated line misbehaves on command" : undefined,
  run: async ({ configuration, expect, options, host }) => {
    const agent = new Agent(configuration, expect);
    agent.start();
    const seconds = Math.ceil(options.readMs / 1000);
    for (const line of host.lines) {
      for (const delay of delays) {
        await host.inject({ serial: line, failure: "late", delay, share, for: `${seconds}s` });
      }
      for (const failure of echoing.includes(line) ? [...failures, "echo"] : failures) {
        await host.inject({ serial: line, failure, share, for: `${seconds}s` });
      }
    }
    await agent.sleep(options.readMs);
    agent.stop();
    const discarded = (agent.status?.buses ?? []).reduce(
      (n, bus) => n + (bus.discardedBytes ?? 0),
      0,
    );
    return {
      rows: [
        wrongRow(agent),
        silentRow(agent),
        info("Bytes that belonged to nothing", String(discarded)),
      ],
      distributions: [],
      tables: [busTable(agent), pointTable(agent)],
    };
  },
};

/** What needs seconds without a gap, as the lines of a spectrum, may find none here. */
function silentRow({ points }: Agent): ResultRow {
  const silent = points.filter(({ good }) => good === 0).map(({ tag }) => tag);
  return info("Points without a good reading", silent.length === 0 ? "none" : silent.join(", "));
}
