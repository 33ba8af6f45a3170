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

/**
 * What a rule looks at, in columns: numbers that are passed as arguments cost a piece of garbage each,
 * numbers that stand in an array do not.
 */
export interface RuleInputs {
  /** Newest good value of every tag. */
  readonly values: Float64Array;
  /** Median of each tag's last seven readings in their turn, and the one in the middle of them. */
  readonly medians: Float64Array;
  readonly middles: Float64Array;
  /** Of the readings at hand: monotonic plant time, and UTC. */
  readonly now: Float64Array;
}

export const monotonic = 0;
export const calendar = 1;

export const ruleInputs = (tagCount: number): RuleInputs => ({
  values: new Float64Array(tagCount).fill(Number.NaN),
  medians: new Float64Array(tagCount),
  middles: new Float64Array(tagCount),
  now: new Float64Array(2),
});

export const bytesOf = (columns: readonly StateColumn[]): number =>
  columns.reduce((sum, { values }) => sum + values.byteLength, 0);
