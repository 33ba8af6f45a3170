/**
 * A streaming detector of one signal. Callers score, decide, then learn: scoring never changes a
 * detector, so a suspicious reading can be kept from teaching it.
 */
export interface Detector {
  /**
   * 0 = ordinary, 1 = unlike anything learned. Never changes the detector; readings that are not
   * finite score 0. `timeMs`: when the reading was taken; detectors that do not care may leave it out.
   */
  score(value: number, timeMs: number): number;
  /** Folds a reading into the idea of normal. Readings that are not finite are ignored. */
  learn(value: number, timeMs: number): void;
  /** Memory of what was learned; never grows. */
  readonly stateBytes: number;
  /** What was learned, for a restart: versioned and checked (state-bytes.ts). */
  capture(): Uint8Array;
  /** Takes over what {@link capture} gave. Refuses anything else by returning false, unchanged. */
  restore(bytes: Uint8Array): boolean;
}
