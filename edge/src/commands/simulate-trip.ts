/** `weir-edge simulate-trip`: a protective function is tried for real, from its cause to the machine. */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Clock, systemClock } from "@weir/runtime/clock.ts";
import { command, type ProgramIo } from "@weir/runtime/command.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import {
  agentOptions,
  byOption,
  type RunningAgent,
  runningAgent,
  userOf,
} from "./running-agent.ts";

const lookEveryMs = 200;

export const simulateTrip = command({
  about:
    "Trips a rule of the running agent for a test: outputs are written and stay until the trip is reset.",
  options: {
    ...agentOptions,
    by: byOption,
    reason: {
      flag: "--reason",
      type: "string",
      default: "proof test",
      value: "TEXT",
      doc: "Why, for the log.",
    },
    yes: {
      flag: "--yes",
      type: "boolean",
      default: false,
      doc: "Do it. Without it the command only says what it would do.",
    },
    within: {
      flag: "--within",
      type: "number",
      default: 30,
      min: 1,
      max: 3_600,
      value: "SECONDS",
      doc: "How long to wait for the outputs to be verified, real time.",
    },
  },
  positionals: { name: "RULE", doc: "Rule of the configuration, as P-HIGH.", min: 1, max: 1 },
  examples: ["weir-edge simulate-trip P-HIGH --data-dir /var/lib/weir-edge --by ana --yes"],
  run: async (args, io) => {
    const rule = elementAt(args.positionals, 0);
    if (!args.yes) {
      const doing = `${rule} would trip for real: its outputs are written and stay until the trip is reset`;
      if (args.json) io.out(JSON.stringify({ event: "refused", rule, reason: "say --yes" }));
      io.err(`${doing}.\nMake sure that the plant can stand it, then say --yes.`);
      return 2;
    }
    const agent = runningAgent(args, io.env);
    const by = userOf(args.by, io.env);
    const known = await newestOf(agent);
    const { accepted, reason } = await agent.order({
      kind: "simulate-trip",
      rule,
      by,
      reason: args.reason,
    });
    if (!accepted) {
      if (args.json) io.out(JSON.stringify({ event: "refused", rule, reason }));
      else io.err(`refused: ${reason}`);
      return 1;
    }
    const untilMs = args.within * 1_000;
    return follow(agent, { rule, known, untilMs, asJson: args.json, clock: systemClock() }, io);
  },
});

interface Line {
  event: string;
  atMs?: number;
  rule?: string;
  output?: string;
  outputs?: string[];
  outcome?: string;
  state?: string;
  detail?: string;
  afterMs?: number;
  writtenAfterMs?: number;
  simulated?: boolean;
}

interface Following {
  rule: string;
  /** Time of the newest event before the test. */
  known: number;
  untilMs: number;
  asJson: boolean;
  clock: Clock;
}

/** Exit code: 0 when every output was verified, 1 when one failed or time ran out. */
async function follow(agent: RunningAgent, test: Following, io: ProgramIo): Promise<number> {
  const { rule, clock, asJson } = test;
  const endMs = clock.monotonicMs() + test.untilMs;
  let told = 0;
  for (;;) {
    const events = await agent.get<Line[]>("/events.json");
    const own = events.filter((e) => e.rule === rule && (e.atMs ?? 0) >= test.known);
    // Outputs are told as soon as they moved, the trip when it is on the disk.
    const trip = own.find((e) => e.event === "trip" && e.simulated);
    const chain = trip ? [trip, ...own.filter((e) => e.event === "output")] : [];
    for (const line of chain.slice(told))
      io.out(asJson ? JSON.stringify(line) : textOf(line, chain));
    told = Math.max(told, chain.length);
    const verdict = verdictOf(chain);
    if (verdict !== undefined) {
      if (!asJson)
        io.out(
          verdict === 0
            ? "every output followed; the trip waits for its reset"
            : "an output did NOT follow",
        );
      return verdict;
    }
    if (clock.monotonicMs() >= endMs) {
      io.err(`not every output was verified within ${formatDuration(test.untilMs)}`);
      return 1;
    }
    await clock.sleep(lookEveryMs);
  }
}

/** Undefined while an output is on its way. */
function verdictOf(chain: readonly Line[]): number | undefined {
  const outputs = chain[0]?.outputs;
  if (!outputs) return undefined;
  const ends = outputs.map((output) =>
    chain.findLast(
      (e) => e.output === output && (e.outcome === "verified" || e.outcome === "failed"),
    ),
  );
  if (ends.some((end) => end?.outcome === "failed")) return 1;
  return ends.every((end) => end !== undefined) ? 0 : undefined;
}

function textOf(line: Line, [trip]: readonly Line[]): string {
  const sinceMs = line.afterMs ?? (line.atMs ?? 0) - (trip?.atMs ?? 0);
  const after = `+${Math.round(sinceMs)} ms`.padStart(10);
  if (line.event !== "trip")
    return `${after}  ${line.output} ${line.state} ${line.outcome}  ${line.detail ?? ""}`.trimEnd();
  const outputs = line.outputs?.join(", ") || "no output";
  return `${after}  ${line.rule} tripped; ${outputs} written ${line.writtenAfterMs?.toFixed(2) ?? "?"} ms after the decision`;
}

async function newestOf(agent: RunningAgent): Promise<number> {
  const events = await agent.get<Line[]>("/events.json");
  return Math.max(0, ...events.map(({ atMs }) => (atMs ?? 0) + 1));
}
