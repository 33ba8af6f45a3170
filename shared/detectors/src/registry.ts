/** Every streaming detector, with the settings under which the conformance suite and benchmarks run it. */
import type { DetectorKind, DetectorState } from "./detector.ts";
import { EwmaDetector, type EwmaOptions, type EwmaState } from "./ewma.ts";
import { PageHinkley, type PageHinkleyOptions, type PageHinkleyState } from "./page-hinkley.ts";
import { RecordRatio, type RecordRatioOptions, type RecordRatioState } from "./record-ratio.ts";

const ewma: EwmaOptions = { alpha: 0.02, warmupCount: 50 };
const pageHinkley: PageHinkleyOptions = { drift: 0.05, threshold: 8, minCount: 30 };
const recordRatio: RecordRatioOptions = {
  recordCount: 3,
  decay: 0.9998,
  alpha: 0.01,
  warmupCount: 50,
};

const known = (state: DetectorState, kind: string): boolean =>
  state.kind === kind && state.version <= 1;

export const detectors = {
  ewma: {
    create: () => new EwmaDetector(ewma),
    restore: (state) =>
      known(state, "ewma") ? EwmaDetector.restore(ewma, state as EwmaState) : undefined,
  },
  "page-hinkley": {
    create: () => new PageHinkley(pageHinkley),
    restore: (state) =>
      known(state, "page-hinkley")
        ? PageHinkley.restore(pageHinkley, state as PageHinkleyState)
        : undefined,
  },
  "record-ratio": {
    create: () => new RecordRatio(recordRatio),
    restore: (state) =>
      known(state, "record-ratio")
        ? RecordRatio.restore(recordRatio, state as RecordRatioState)
        : undefined,
  },
} satisfies Record<string, DetectorKind>;

export type DetectorName = keyof typeof detectors;
