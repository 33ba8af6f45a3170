/** What is wrong with a tier, in one shape for its pages, its status command, /healthz and its metrics. */

export interface HealthProblem {
  /** Stable, for programs: "disk-full", "site-silent". */
  code: string;
  severity: "advisory" | "low" | "medium" | "high";
  /** What it is about: a site, a store, a webhook; "" for the process as a whole. */
  subject: string;
  /** One sentence for people: what, from what evidence, and what to do. */
  text: string;
  /** Plant time at which it was first seen; it has not been away since. */
  sinceMs: number;
}

export interface TierHealth {
  /** False while any problem is of medium severity or worse; /healthz then answers 503. */
  ok: boolean;
  /** When this was looked at, plant time. */
  atMs: number;
  /** Worst first. */
  problems: HealthProblem[];
}
