/** Watches what is not well: since when, told in the log once as it begins and once as it ends. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Problem } from "../hand-over.ts";
import type { SnapshotFacts } from "../uplink/uplink-snapshot.ts";
import { agentFindings, type Lately } from "./agent-findings.ts";
import { type Finding, type Health, healthOf } from "./health.ts";
import { plantFindings } from "./plant-findings.ts";
import { safetyFindings } from "./safety-findings.ts";

/** A problem that comes and goes is logged once in this time, a critical one again while it lasts; I/O clock. */
export const logEveryMs = 60_000;
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

interface Known {
  problem: Problem;
  loggedIoMs: number;
  /** It was logged since it began. */
  isLogged: boolean;
  isOver: boolean;
}

export interface HealthMonitorOptions {
  ioClock: Clock;
  logger: Logger;
}

export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #known = new Map<string, Known>();
  /** Counted over all boots: what an earlier one lost was told by it. */
  #dropped: Loss | undefined;
  /** Counted since the process began. */
  #refused = noLoss(0);

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
  }

  /** How everything stands; to be called at every change, and every few seconds. */
  look(snapshot: SnapshotFacts): Health {
    const { control, atMs } = snapshot;
    const findings = [
      ...(control ? safetyFindings(control, atMs) : []),
      ...agentFindings(snapshot, this.#lately(snapshot)),
      ...(control ? plantFindings(control) : []),
    ];
    const problems = findings.map((finding) => this.#note(finding, atMs));
    this.#end(problems);
    return healthOf(problems);
  }

  #note({ sinceMs, ...finding }: Finding, atMs: number): Problem {
    const { ioClock } = this.#options;
    const key = keyOf(finding);
    const known = this.#known.get(key);
    const begunMs = known && !known.isOver ? known.problem.sinceMs : atMs;
    const problem = { ...finding, sinceMs: sinceMs ?? begunMs };
    const loggedIoMs = known?.loggedIoMs ?? Number.NEGATIVE_INFINITY;
    const isLogged = known ? known.isLogged && !known.isOver : false;
    const next = { problem, loggedIoMs, isLogged, isOver: false };
    this.#known.set(key, next);
    if (isLogged && finding.severity !== "critical") return problem;
    if (ioClock.monotonicMs() - loggedIoMs < logEveryMs) return problem;
    next.loggedIoMs = ioClock.monotonicMs();
    next.isLogged = true;
    this.#log(problem);
    return problem;
  }

  #log({ severity, text, code, subject }: Problem): void {
    const { logger } = this.#options;
    const fields = { code, subject };
    // It is so at every start, and nothing to wake anybody for.
    if (code === "control-starting") logger.info(text, fields);
    else if (severity === "warning") logger.warn(text, fields);
    else logger.error(severity === "critical" ? `CRITICAL: ${text}` : text, fields);
  }

  #end(problems: readonly Problem[]): void {
    const { logger, ioClock } = this.#options;
    const now = new Set(problems.map(keyOf));
    for (const [key, known] of this.#known) {
      if (now.has(key)) continue;
      if (!known.isOver) {
        known.isOver = true;
        const { code, subject, text } = known.problem;
        if (known.isLogged) logger.info(`over: ${text}`, { code, subject });
      }
      if (ioClock.monotonicMs() - known.loggedIoMs >= logEveryMs) this.#known.delete(key);
    }
  }

  #lately({ ledger, outbox, atMs }: SnapshotFacts): Lately {
    this.#dropped = grown(this.#dropped ?? noLoss(ledger.dropped), ledger.dropped, atMs);
    this.#refused = grown(this.#refused, outbox.refusedEvents, atMs);
    return { droppedAtMs: this.#dropped.sinceMs, refusedAtMs: this.#refused.sinceMs };
  }
}

function grown(known: Loss, count: number, atMs: number): Loss {
  if (count > known.count) return { count, sinceMs: known.sinceMs ?? atMs, newestMs: atMs };
  const isOld = atMs - known.newestMs > latelyMs;
  return { ...known, count, sinceMs: isOld ? undefined : known.sinceMs };
}

const keyOf = ({ code, subject }: Pick<Problem, "code" | "subject">): string =>
  `${code} ${subject}`;
