/**
 * A streaming detector of one signal. Callers score, decide, then learn: scoring never changes a
 * detector, so a suspicious sample can be kept from teaching it.
 */
export interface Detector<State extends DetectorState = DetectorState> {
  /** 0 = ordinary, 1 = unlike anything learned. Never changes the detector. */
  scoreOne(x: number): number;
  /** Folds `x` into the idea of normal. */
  learnOne(x: number): void;
  /** What was learned, as a plain value that the same kind restores. */
  capture(): State;
}

export interface DetectorState {
  readonly kind: string;
  readonly version: number;
}

/** How a registered detector is made, new or from what an earlier one captured. */
export interface DetectorKind {
  create(): Detector;
  /** Refuses other kinds and newer versions by returning undefined. */
  restore(state: DetectorState): Detector | undefined;
}
