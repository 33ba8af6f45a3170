/** What the safety part remembers: plain data, versioned, so that it outlives the process. */

/** The part that is on disk. */
export interface LatchedState {
  version: 1;
  /** By rule id. */
  latches: Record<string, Latch>;
  /** UTC of recent trips by rule id, oldest first. */
  tripsMs: Record<string, readonly number[]>;
  /** Bypasses in force when this was written: only to say that a restart ended them. */
  bypasses: Record<string, { by: string; reason: string }>;
  /** Newest proof test by rule id. */
  proofTests: Record<string, ProofTestRecord>;
}

/** A protective function was tried, from its cause to the machine. */
export interface ProofTestRecord {
  /** UTC. */
  atMs: number;
  by: string;
  passed: boolean;
  note: string;
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
  /** Monotonic: it is told again and again while it lasts. */
  tellAtMs: number;
}

export const emptyState = (): LatchedState => ({
  version: 1,
  latches: {},
  tripsMs: {},
  bypasses: {},
  proofTests: {},
});

/** The state in `value`, which this or an earlier agent wrote; undefined when it is none. */
export function latchedStateOf(value: unknown): LatchedState | undefined {
  const state = value as Partial<LatchedState> | null;
  const isTable = (part: unknown) => typeof part === "object" && part !== null;
  const isState =
    isTable(state) &&
    state?.version === 1 &&
    isTable(state.latches) &&
    isTable(state.tripsMs) &&
    isTable(state.bypasses);
  // Agents before proof tests wrote none.
  return isState ? { ...emptyState(), ...state } : undefined;
}
