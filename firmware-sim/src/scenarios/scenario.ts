/** A scenario as a value: what had begun before the start, and what happens after it. */
import type { Injection } from "../faults/injection.ts";

export interface TimelineEntry {
  /** From the start of the live run, ms; negative lies in the history. */
  offsetMs: number;
  inject: Injection;
}

export interface Scenario {
  name: string;
  about: string;
  profile: "tidy" | "realistic";
  /** When it may rain: always, only in the history, or never. */
  rain: "always" | "history" | "never";
  before: readonly TimelineEntry[];
  after: readonly TimelineEntry[];
}

/** Nothing happens: for tests and as the base of others. */
export const quietScenario: Scenario = {
  name: "quiet",
  about: "Nothing happens.",
  profile: "tidy",
  rain: "never",
  before: [],
  after: [],
};
