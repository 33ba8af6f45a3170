/**
 * The column block: readings of one dictionary over some seconds, as columns. Lossless at each
 * tag's resolution. See format.md beside this file.
 */

/** One row of a dictionary: what the codec must know of a tag. Order is the tag's index. */
export interface BlockTag {
  /** Smallest step in the tag's unit; 0 codes values as free float64. */
  readonly resolution: number;
  /** Intended sampling period, milliseconds; 0 when irregular. */
  readonly periodMs: number;
}

export interface BlockDictionary {
  /** 32-bit hash of the table, as `dictionaryHash` computes it; the block repeats it. */
  readonly hash: number;
  readonly tags: readonly BlockTag[];
  /** Class of each tag: tags of one resolution and period share what the codec learns. */
  readonly classes: Uint8Array;
  readonly classCount: number;
  /** The same by period alone: tags of one period are often sampled at the same instants. */
  readonly periods: Uint8Array;
  readonly periodCount: number;
}

/** The readings of one tag, oldest first. */
export interface BlockColumn {
  /** Index into the dictionary. */
  tag: number;
  /** UTC milliseconds, non-decreasing integers. */
  timesMs: Float64Array;
  /** In the tag's unit; NaN where there is no value (quality then bad or stale). */
  values: Float64Array;
  /** `Quality` of tag.proto, one byte each. */
  qualities: Uint8Array;
}

export type DecodedBlock =
  | { ok: true; columns: BlockColumn[] }
  | {
      ok: false;
      fault: "truncated" | "bad-crc" | "unknown-version" | "wrong-dictionary" | "malformed";
      detail: string;
    };
