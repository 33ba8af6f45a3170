/** The serial lines misbehave in every way at once, and still nothing wrong is taken for right. */
import { Agent } from "../rigs/agent.ts";
import { busRows, pointRows } from "./read-points.ts";
import { info, type Suite } from "./suite.ts";

/** Share of answers that each failure hits. */
const share = 0.04;
const failures = ["late", "crc", "echo", "junk", "collision", "truncated", "silent"];

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
      for (const failure of failures) {
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
        ...pointRows(agent, options.readMs),
        info("Bytes that belonged to nothing", String(discarded)),
        ...busRows(agent),
      ],
      distributions: [],
    };
  },
};
