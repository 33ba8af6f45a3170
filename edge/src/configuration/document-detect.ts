/** The part of the configuration's document that describes a tag's alert rules. */
import { streamingAlarmScore } from "@weir/detectors/streaming-detector.ts";
import { duration, number } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { words } from "./document-words.ts";

const bound = (doc: string) =>
  optional(
    object(
      {
        min: number({ doc: "Lowest value allowed." }),
        max: number({ doc: "Highest value allowed." }),
      },
      { doc },
    ),
  );

export const detectRows = {
  delta: optional(
    object(
      {
        max: number({ min: 0, doc: "Alert above this, in the tag's unit." }),
        window: duration({
          default: "30s",
          min: "100ms",
          max: "1h",
          doc: "Length of the window.",
        }),
      },
      { doc: "Largest difference between two readings within a window." },
    ),
  ),
  z: optional(
    object(
      {
        max: number({
          default: 4,
          min: 1,
          max: 100,
          doc: "Alert above this many standard deviations.",
        }),
        sigmaMin: optional(
          number({
            min: 0,
            doc: "Floor of the standard deviation, in the tag's unit; what the plant packs say of its kind, else none.",
          }),
        ),
        learn: duration({
          default: "48h",
          min: "1m",
          max: "30d",
          doc: "Time over which the floor is learned.",
        }),
      },
      { doc: "Steps: the filtered value against the 60 before it." },
    ),
  ),
  stuck: optional(
    object(
      {
        after: optional(
          duration({
            min: "1s",
            max: "30d",
            doc: "Alert after this long; learned when left out.",
          }),
        ),
        unlessZero: optional(
          words("Tag that, while it reads 0, explains a value that stands still."),
        ),
      },
      { doc: "A value that no longer moves." },
    ),
  ),
  noise: optional(
    object(
      {
        ratio: number({
          default: 3,
          min: 1.5,
          max: 100,
          doc: "Alert above this many times the usual noise.",
        }),
      },
      { doc: "A signal that became noisier." },
    ),
  ),
  spike: optional(
    object(
      {
        perDay: number({
          default: 12,
          min: 1,
          max: 10_000,
          doc: "Alert above this many in a day.",
        }),
      },
      { doc: "Single outliers, counted." },
    ),
  ),
  stream: optional(
    object(
      {
        // On healthy plants less is passed several times a sensor and month, by what is done there on some days only.
        threshold: number({
          default: streamingAlarmScore,
          min: 0.5,
          max: 0.999,
          doc: "Alert from this score on; 0.5 is as unusual as the eighth largest surprise.",
        }),
        every: duration({ default: "5m", min: "10s", max: "1h", doc: "Span of one mean." }),
      },
      { doc: "Drift and unusual shape, learned over days from means of some minutes." },
    ),
  ),
  boost: optional(
    object(
      {
        factor: number({ default: 5, min: 2, max: 5, doc: "How many times as often." }),
        for: duration({
          default: "10m",
          min: "10s",
          max: "1h",
          doc: "How long after the last suspicion.",
        }),
      },
      { doc: "Reads the tag faster while it looks suspicious, as far as its bus has room." },
    ),
  ),
  bounds: object(
    {
      deltaMax: bound("Bounds of delta.max."),
      sigmaFloor: bound("Bounds of the standard deviation's floor."),
      zMax: bound("Bounds of z.max."),
      stuckAfter: bound("Bounds of stuck.after, seconds."),
      streamThreshold: bound("Bounds of stream.threshold."),
    },
    { doc: "What learned thresholds may be set to; by default a quarter to four times." },
  ),
};

export const detect = object(detectRows, {
  doc: "Rules that raise alerts. They never act on the plant.",
});

export type DetectDraft = DraftOf<typeof detect>;
