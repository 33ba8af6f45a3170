/** Runs a trained autoencoder over weekly windows at the fog. The adapter is autoencoder.onnxruntime.ts. */

export interface LoadedAutoencoder {
  /** Site-wide tag ids, in the order of the columns. */
  readonly channels: readonly string[];
  /** IANA zone by whose clock the rows of a window are hours. */
  readonly zone: string;
  /** Hours of one window. */
  readonly window: number;
  /** Mean square reconstruction error at which the decision stands. */
  readonly threshold: number;
  /** Mean square error of one window, row-major [hour][channel], in each tag's unit, without gaps. */
  score(window: Float32Array): Promise<number>;
  close(): Promise<void>;
}

export type ReadAutoencoder =
  | { ok: true; autoencoder: LoadedAutoencoder }
  | { ok: false; reason: string };

/** Reads the payload of an autoencoder artifact. Never throws. */
export type LoadAutoencoder = (stage: string, payload: Uint8Array) => Promise<ReadAutoencoder>;
