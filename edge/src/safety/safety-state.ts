/** What the safety part remembers: plain data, versioned, so that it outlives the process. */

/** The part that is on disk. */
export interface LatchedState {
  version: 1;
  /** By rule id. */
  latches: Record<string, Latch>;
  /** UTC of recent trips by rule id, oldest first. */
  tripsMs: Record<string, number[]>;
  /** Bypasses in force when this was written: only to say that a restart ended them. */
  bypasses: Record<string, { by: string; reason: string }>;
}

export interface Latch {
  /** UTC. */
  atMs: number;
  cause: string;
  value: number;
  isFirstOut: boolean;
  isSimulated: boolean;
}

export interface Bypass {
  by: string;
  reason: string;
  /** Monotonic time: a corrected calendar neither shortens nor stretches it. */
  untilMonotonicMs: number;
  /** UTC, for display. */
  expiresAtMs: number;
}

export const emptyState = (): LatchedState => ({
  version: 1,
  latches: {},
  tripsMs: {},
  bypasses: {},
});

/** True when `value` is a state this version wrote. */
export function isLatchedState(value: unknown): value is LatchedState {
  const state = value as Partial<LatchedState> | null;
  const isTable = (part: unknown) => typeof part === "object" && part !== null;
  return (
    isTable(state) &&
    state?.version === 1 &&
    isTable(state.latches) &&
    isTable(state.tripsMs) &&
    isTable(state.bypasses)
  );
}
