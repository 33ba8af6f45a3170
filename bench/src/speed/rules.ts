/** What one reading costs the control thread, from the bytes of an answer to the last alert rule. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Bench } from "../bench.ts";
import { all, type Cost, type RulesCost, type RulesTask } from "./rules-program.ts";

/** Safety and detection, per reading, all rules on. */
const budgetNs = 1_000;

async function costOf(task: RulesTask): Promise<RulesCost> {
  const worker = new Worker(new URL("./rules-program.ts", import.meta.url), { workerData: task });
  // Listened for from the start: the thread may have ended by the time its answer is taken.
  const ended = once(worker, "exit");
  const [cost] = (await once(worker, "message")) as [RulesCost];
  await ended;
  return cost;
}

const cells = ({ ns, bytes }: Cost): string[] => [ns.toFixed(0), bytes.toFixed(1)];

export const bench: Bench = {
  name: "rules",
  about:
    "edge: nanoseconds and garbage of one reading, from the answer's bytes to the last alert rule",
  async run({ smoke, report }) {
    const size = smoke ? { rounds: 5, chunk: 20_000 } : { rounds: 100, chunk: 100_000 };
    const seconds = smoke ? 60 : 600;
    const cost = (part: string): Promise<RulesCost> => costOf({ part, seconds, ...size });
    const loop = await cost("loop");
    const decode = await cost("decode");
    const bare = await cost("none");
    const each: [string, RulesCost][] = [];
    for (const rule of Object.keys(all)) each.push([rule, await cost(rule)]);
    const whole = await cost("all");
    const { tagCount, stateBytes } = whole;
    report.table(
      `${tagCount} tags of the simulated works, ${((size.rounds * size.chunk) / 1e6).toFixed(1)} million readings each in a thread of its own, CPU time, medians`,
      ["", "ns a reading", "bytes of garbage a reading"],
      [
        ["yardstick: an empty loop over the same columns", ...cells(loop)],
        ["decode", ...cells(decode)],
        ["decode → condition → safety → hand-over, no alert rule", ...cells(bare)],
        ...each.map(([rule, { ns, bytes }]) => [
          `… with ${rule} on every tag`,
          ...cells({ ns, bytes }),
        ]),
        ["the whole path, all rules on every tag", ...cells(whole)],
      ],
    );
    report.line(
      `${whole.ns.toFixed(0)} ns of at most ${budgetNs} ns; state of all rules ${(stateBytes / tagCount).toFixed(0)} bytes a tag, fixed.`,
    );
  },
};
