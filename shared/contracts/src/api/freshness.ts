/**
 * How far what is shown can still be believed. `live`: heard within its own expected period. `stale`: overdue.
 * `silent`: so long overdue that nothing may be concluded from it. `never`: nothing has been received of it
 * since this fog started, and nothing is known from before.
 */
export type Freshness = "live" | "stale" | "silent" | "never";

/** Goes with every value, state and score. All times are the fog's plant clock, UTC milliseconds. */
export interface FreshnessView {
  state: Freshness;
  /** When it was last heard; null: never. Also from before a restart of the fog, as far as that is known. */
  heardAtMs: number | null;
  /** Of what was last heard, when this answer was made. */
  ageMs: number | null;
  /** Since when it is in `state`. */
  sinceMs: number;
  /** Plain words; empty while it is live. "edge E1 has not been heard for 2 min" */
  reason: string;
}
