/** Runs a trained autoencoder over weekly windows. The adapter is stage-scorer.onnxruntime.ts. */

export interface StageScores {
  /** Root mean square reconstruction error a window, standardised. */
  score: Float32Array;
  /** Row-major [window][channel]: error of each channel in units of its own usual error. */
  channelErrors: Float32Array;
}

export interface LoadedScorer {
  /** Site-wide tag ids, in the order of the columns. */
  readonly channels: readonly string[];
  /** IANA zone by whose clock the rows of a window are hours. */
  readonly zone: string;
  /** In the unit of the score. */
  readonly threshold: number;
  /** `windows`: row-major [window][hour][channel], in each tag's unit, without gaps. */
  score(windows: Float32Array, windowCount: number): Promise<StageScores>;
  close(): Promise<void>;
}

/** Reads the payload of an autoencoder artifact. */
export type LoadScorer = (payload: Uint8Array) => Promise<LoadedScorer>;
