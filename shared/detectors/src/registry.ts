/** Every streaming detector, with the settings under which the conformance suite and benchmarks run it. */
import type { Detector } from "./detector.ts";
import { EwmaDetector } from "./ewma.ts";
import { PageHinkley } from "./page-hinkley.ts";
import { RecordRatio } from "./record-ratio.ts";
import { createStreamingDetector } from "./streaming-detector.ts";

export const detectors = {
  ewma: () => new EwmaDetector({ alpha: 0.02, warmupCount: 50 }),
  "page-hinkley": () => new PageHinkley({ drift: 0.05, threshold: 8, minCount: 30 }),
  "record-ratio": () =>
    new RecordRatio({ recordCount: 3, decay: 0.9998, alpha: 0.01, warmupCount: 50 }),
  "streaming-detector": () => createStreamingDetector(),
} satisfies Record<string, () => Detector>;

export type DetectorName = keyof typeof detectors;
