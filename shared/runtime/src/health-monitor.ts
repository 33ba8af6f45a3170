/**
 * What is wrong with a tier, since when: the one list that /healthz, the status command, the metrics, the page
 * and the log tell. Parts give sources that say how they are now; the monitor remembers since when.
 */
import type { HealthProblem, TierHealth } from "@weir/contracts/api/health.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Gauge, Metrics } from "./metrics.ts";

/** `sinceMs` where the part knows it better than the monitor, plant calendar. */
export type Finding = Omit<HealthProblem, "sinceMs"> & { sinceMs?: number | undefined };

export type HealthSource = () => readonly Finding[];

export interface HealthMonitorOptions {
  /** In the names of its metrics: weir_<tier>_problem, weir_<tier>_ok. */
  tier: "fog" | "cloud";
  clock: Clock;
  logger: Logger;
  metrics?: Metrics | undefined;
}

const rank: Record<HealthProblem["severity"], number> = { advisory: 0, low: 1, medium: 2, high: 3 };

export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #sources: HealthSource[] = [];
  readonly #gauge: Gauge | undefined;
  #known = new Map<string, HealthProblem>();

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
    const { metrics, tier } = options;
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
    const found = new Map<string, HealthProblem>();
    for (const { sinceMs, ...finding } of this.#sources.flatMap((source) => findingsOf(source))) {
      const key = `${finding.code}/${finding.subject}`;
      const begun = sinceMs ?? this.#known.get(key)?.sinceMs ?? nowMs;
      found.set(key, { ...finding, sinceMs: begun });
    }
    this.#tell(found);
    this.#known = found;
    const problems = [...found.values()].sort(
      (a, b) => rank[b.severity] - rank[a.severity] || a.sinceMs - b.sinceMs,
    );
    const ok = problems.every(({ severity }) => rank[severity] < rank.medium);
    return { ok, atMs: nowMs, problems };
  }

  #tell(found: ReadonlyMap<string, HealthProblem>): void {
    const { logger } = this.#options;
    for (const [key, problem] of found) {
      const { code, subject, severity, text } = problem;
      const before = this.#known.get(key);
      if (before?.severity === severity) continue;
      if (before) this.#gauge?.set(0, { code, subject, severity: before.severity });
      this.#gauge?.set(1, { code, subject, severity });
      const line = { code, ...(subject && { subject }) };
      if (rank[severity] >= rank.medium) logger.error(text, line);
      else logger.warn(text, line);
    }
    for (const [key, { code, subject, severity, text }] of this.#known) {
      if (found.has(key)) continue;
      this.#gauge?.set(0, { code, subject, severity });
      logger.info("a problem is over", { code, ...(subject && { subject }), was: text });
    }
  }
}

/** A part that cannot say how it is, is not well. */
function findingsOf(source: HealthSource): readonly Finding[] {
  try {
    return source();
  } catch (error) {
    const text = `a part cannot say how it is: ${(error as Error).message}`;
    return [{ code: "check-failed", severity: "medium", subject: "", text }];
  }
}
