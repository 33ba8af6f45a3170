/**
 * One view of how far a reading is from what is usual: from a mean, from the hour's habit, from what was
 * seen a moment ago. Its state lives in memory that the detector hands out, so that all of it can be
 * captured at once.
 */
export interface Residual {
  /**
   * How far `value` is from usual, in any unit, of any sign. Changes nothing but a note for the
   * {@link learn} that may follow.
   */
  peek(value: number, timeMs: number): number;
  /** Folds the reading in that the last {@link peek} was about. */
  learn(value: number, timeMs: number): void;
}

export interface ResidualKind {
  /** Numbers of state: doubles for what adds up slowly, singles for tables. */
  readonly doubles: number;
  readonly singles: number;
  create(doubles: Float64Array, singles: Float32Array): Residual;
}

/** Weight of the newest of `count` values in a mean over at most `length` of them. */
export const shareOf = (length: number, count: number): number =>
  count < length ? 1 / count : 1 / length;
