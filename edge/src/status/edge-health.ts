/** How the edge is: what is found not well, with its since, told in the log as it begins and as it ends. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { ProblemMemory } from "@weir/runtime/problem-memory.ts";
import type { Problem } from "../hand-over.ts";
import type { SnapshotFacts } from "../uplink/uplink-snapshot.ts";
import { agentFindings, type Lately } from "./agent-findings.ts";
import { type Health, healthOf } from "./health.ts";
import { plantFindings } from "./plant-findings.ts";
import { safetyFindings } from "./safety-findings.ts";

/** What was lost is told for so long, plant clock. */
const latelyMs = 3_600_000;

/** Something that is lost for good, while it goes on and for an hour after. */
interface Loss {
  count: number;
  /** UTC of the plant clock; undefined: nothing within the last hour. */
  sinceMs: number | undefined;
  newestMs: number;
}

const noLoss = (count: number): Loss => ({ count, sinceMs: undefined, newestMs: 0 });

export interface EdgeHealthOptions {
  ioClock: Clock;
  logger: Logger;
}

export class EdgeHealth {
  readonly #memory: ProblemMemory<Problem>;
  /** Counted over all boots: what an earlier one lost was told by it. */
  #dropped: Loss | undefined;
  /** Counted since the process began. */
  #refused = noLoss(0);

  constructor(options: EdgeHealthOptions) {
    this.#memory = new ProblemMemory({ ...options, logged });
  }

  /** How everything stands; to be called at every change, and every few seconds. */
  look(snapshot: SnapshotFacts): Health {
    const { control, atMs } = snapshot;
    const findings = [
      ...(control ? safetyFindings(control, atMs) : []),
      ...agentFindings(snapshot, this.#lately(snapshot)),
      ...(control ? plantFindings(control) : []),
    ];
    return healthOf(this.#memory.take(findings, atMs));
  }

  #lately({ ledger, outbox, atMs }: SnapshotFacts): Lately {
    this.#dropped = grown(this.#dropped ?? noLoss(ledger.dropped), ledger.dropped, atMs);
    this.#refused = grown(this.#refused, outbox.refusedEvents, atMs);
    return { droppedAtMs: this.#dropped.sinceMs, refusedAtMs: this.#refused.sinceMs };
  }
}

/** What protects the plant and does not work is said again and again. */
function logged({ code, severity, text }: Problem) {
  const isPressing = severity === "critical";
  const level = severity === "warning" ? "warn" : "error";
  return {
    // It is so at every start, and nothing to wake anybody for.
    level: code === "control-starting" ? ("info" as const) : (level as "warn" | "error"),
    text: isPressing ? `CRITICAL: ${text}` : text,
    isPressing,
  };
}

function grown(known: Loss, count: number, atMs: number): Loss {
  if (count > known.count) return { count, sinceMs: known.sinceMs ?? atMs, newestMs: atMs };
  const isOld = atMs - known.newestMs > latelyMs;
  return { ...known, count, sinceMs: isOld ? undefined : known.sinceMs };
}
