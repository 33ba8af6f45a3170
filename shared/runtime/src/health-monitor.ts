/**
 * What is wrong with the fog or the cloud, since when: the one list that /healthz, the status command, the metrics, the page
 * and the log tell. Parts give sources that say how they are now; the monitor remembers since when.
 */
import type { HealthProblem, TierHealth } from "@weir/contracts/api/health.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Gauge, Metrics } from "./metrics.ts";
import { type Found, ProblemMemory } from "./problem-memory.ts";

/** `sinceMs` where the part knows it better than the monitor, plant calendar. */
export type Finding = Found<HealthProblem>;

export type HealthSource = () => readonly Finding[];

export interface HealthMonitorOptions {
  /** In the names of its metrics: weir_<tier>_problem, weir_<tier>_ok. */
  tier: "fog" | "cloud";
  /** Plant time. */
  clock: Clock;
  /** For what the log is told at most once a minute; the plant's when left out. */
  ioClock?: Clock | undefined;
  logger: Logger;
  metrics?: Metrics | undefined;
}

const rank: Record<HealthProblem["severity"], number> = { advisory: 0, low: 1, medium: 2, high: 3 };

export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #sources: HealthSource[] = [];
  readonly #gauge: Gauge | undefined;
  readonly #memory: ProblemMemory<HealthProblem>;
  #measured: readonly HealthProblem[] = [];

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
    const { metrics, tier, clock, logger } = options;
    this.#memory = new ProblemMemory({
      ioClock: options.ioClock ?? clock,
      logger,
      logged: (problem) => ({
        level: isSmall(problem) ? "warn" : "error",
        text: problem.text,
        isPressing: false,
      }),
    });
    this.#gauge = metrics?.gauge(`weir_${tier}_problem`, `1 while the ${tier} has this problem.`, [
      "code",
      "subject",
      "severity",
    ]);
    metrics?.gaugeOf(`weir_${tier}_ok`, "1 while nothing is wrong, as /healthz says.", () =>
      this.look().ok ? 1 : 0,
    );
  }

  add(source: HealthSource): void {
    this.#sources.push(source);
  }

  /** Asks every part how it is; logs what has begun and ended since it was last asked. */
  look(): TierHealth {
    const nowMs = this.#options.clock.nowMs();
    const found = new Map<string, Finding>();
    for (const finding of this.#sources.flatMap((source) => findingsOf(source))) {
      found.set(`${finding.code} ${finding.subject}`, finding);
    }
    const problems = this.#memory
      .take([...found.values()], nowMs)
      .sort((a, b) => rank[b.severity] - rank[a.severity] || a.sinceMs - b.sinceMs);
    this.#measure(problems);
    return { ok: problems.every(isSmall), atMs: nowMs, problems };
  }

  #measure(problems: readonly HealthProblem[]): void {
    for (const { code, subject, severity } of this.#measured) {
      this.#gauge?.set(0, { code, subject, severity });
    }
    for (const { code, subject, severity } of problems) {
      this.#gauge?.set(1, { code, subject, severity });
    }
    this.#measured = problems;
  }
}

const isSmall = ({ severity }: Pick<HealthProblem, "severity">): boolean =>
  rank[severity] < rank.medium;

/** A part that cannot say how it is, is not well. */
function findingsOf(source: HealthSource): readonly Finding[] {
  try {
    return source();
  } catch (error) {
    const text = `a part cannot say how it is: ${(error as Error).message}`;
    return [{ code: "check-failed", severity: "medium", subject: "", text }];
  }
}
