/** What a rule knows of each tag, in flat arrays: bounded for ever, and copied out and in tag by tag. */

export interface StateColumn {
  readonly values: Float64Array | Uint32Array;
  /** Numbers of one tag, side by side. */
  readonly perTag: number;
  /** Places among them that hold monotonic times, which mean nothing to another process. */
  readonly times: readonly number[];
}

export interface RuleState {
  /** Everything that outlives a restart. */
  readonly columns: readonly StateColumn[];
  /** Bytes of state, windows that are filled anew included. */
  readonly stateBytes: number;
}

export const bytesOf = (columns: readonly StateColumn[]): number =>
  columns.reduce((sum, { values }) => sum + values.byteLength, 0);
