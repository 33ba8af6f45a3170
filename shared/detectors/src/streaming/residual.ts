/**
 * One view of how far a reading is from what is usual: from a mean, from the hour's habit, from what was
 * seen a moment ago. Its state lives in memory that the detector hands out, so that all of it can be
 * captured at once.
 */
export interface Residual {
  /**
   * How far `value` is from usual, of any sign. Changes nothing but a note for the {@link learn} that
   * may follow.
   */
  peek(value: number, timeMs: number): number;
  /** Folds the reading in that the last {@link peek} was about. */
  learn(value: number, timeMs: number): void;
  /** A size too small to matter, however small its like has been until now; of the last {@link peek}. */
  trifle?(): number;
}

/** Numbers of state, all nought at first. */
export interface Memory {
  /** For what adds up slowly. */
  doubles: Float64Array;
  /** For tables. */
  singles: Float32Array;
  /** For counts up to 255. */
  bytes: Uint8Array;
}

export interface ResidualKind {
  readonly doubles: number;
  readonly singles: number;
  readonly bytes: number;
  /** The residual has the reading's unit, so that what is below its resolution is rounding. */
  readonly hasUnit: boolean;
  create(memory: Memory): Residual;
}

/** Weight of the newest of `count` values in a mean over at most `length` of them. */
export const shareOf = (length: number, count: number): number =>
  count < length ? 1 / count : 1 / length;
