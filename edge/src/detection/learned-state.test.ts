import { seeded } from "@weir/runtime/random.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TagSettings } from "../configuration/configuration.ts";
import { Detection } from "./detection.ts";
import { LearnedState } from "./learned-state.ts";

const bounds = {
  deltaMax: [0.1, 10],
  sigmaFloor: [0.01, 1],
  zMax: [3, 10],
  stuckAfterMs: [1, 1e9],
  streamThreshold: [0.55, 0.99],
} as const;

const tagOf = (index: number, over: Partial<TagSettings> = {}): TagSettings =>
  ({
    index,
    id: `D06/TU0${index}`,
    kind: "turbidity",
    unit: "NTU",
    periodMs: 2_000,
    resolution: 0.001,
    min: 0,
    max: 10,
    scale: 1,
    offset: 0,
    detect: {
      delta: undefined,
      z: { max: 4, sigmaMin: 0.01, learnMs: 3_600_000 },
      stuck: { afterMs: undefined, unlessZero: undefined },
      noise: { ratio: 3 },
      spike: { perDay: 12 },
      stream: { threshold: 0.9, everyMs: 60_000 },
      boost: undefined,
      bounds,
    },
    ...over,
  }) as TagSettings;

const startMs = Date.UTC(2026, 5, 2, 5);

function taught(tags: TagSettings[]): { detection: Detection; bytes: Uint8Array; endMs: number } {
  const random = seeded(4, "learned");
  const detection = new Detection({ tags, raise: () => {} });
  let ms = 0;
  for (let i = 0; i < 5_000; i++) {
    ms += 2_000;
    for (const { index } of tags) {
      const value = Math.round(1_000 * (1 + index + 0.1 * random.gaussian())) / 1_000;
      detection.stepAt(index, value, 0, ms, startMs + ms);
    }
  }
  const bytes = new LearnedState(detection).capture({ nowMs: startMs + ms, monotonicMs: ms });
  return { detection, bytes, endMs: ms };
}

const restoredInto = (tags: TagSettings[], bytes: Uint8Array) => {
  const detection = new Detection({ tags, raise: () => {} });
  const at = { nowMs: startMs + 2e7, monotonicMs: 55 };
  return { detection, result: new LearnedState(detection).restore(bytes, at) };
};

test("floors come back by the tag's name, wherever it stands in the table", () => {
  const { detection, bytes } = taught([tagOf(0), tagOf(1), tagOf(2)]);
  expect(detection.sigmaFloor(2)).toBeGreaterThan(0.02);
  const moved = [tagOf(0, { id: "D06/TU02" }), tagOf(1, { id: "D09/TU09" })];
  const next = restoredInto(moved, bytes);
  expect(next.result).toEqual({ ok: true, tagCount: 1 });
  expect(next.detection.sigmaFloor(0)).toBe(detection.sigmaFloor(2));
  expect(next.detection.sigmaFloor(1)).toBe(0.01);
});

test("a tag with other settings begins anew; how fast a suspicious tag is read is none", () => {
  const { bytes } = taught([tagOf(0)]);
  const same = tagOf(0);
  const boosted = { ...same, detect: { ...same.detect, boost: { factor: 5, forMs: 600_000 } } };
  expect(restoredInto([boosted], bytes).result).toEqual({ ok: true, tagCount: 1 });
  for (const over of [{ resolution: 0.01 }, { periodMs: 1_000 }, { max: 20 }, { scale: 2 }]) {
    const next = restoredInto([tagOf(0, over)], bytes);
    expect(next.result).toEqual({ ok: true, tagCount: 0 });
  }
});

test("thresholds that came from above are kept", () => {
  const tags = [tagOf(0)];
  const detection = new Detection({ tags, raise: () => {} });
  const set = { sigmaFloor: 0.4 };
  detection.apply({ format: "weir-edge-thresholds-1", tags: { "D06/TU00": set } });
  const detector = { format: "weir-edge-detector-1", tags: { "D06/TU00": { threshold: 0.8 } } };
  expect(detection.applyDetector(detector as never)).toEqual({ ok: true });
  const bytes = new LearnedState(detection).capture({ nowMs: startMs, monotonicMs: 0 });
  const next = restoredInto(tags, bytes);
  expect(next.detection.sigmaFloor(0)).toBe(0.4);
  expect(next.detection.stream.threshold(0)).toBe(0.8);
});

test("detectors from above stay within the site's bounds", () => {
  const apply = (tags: unknown, format = "weir-edge-detector-1") =>
    new Detection({ tags: [tagOf(0)], raise: () => {} }).applyDetector({ format, tags } as never);
  expect(apply({ "D06/TU00": { threshold: 0.2 } })).toEqual({
    ok: false,
    reason: "D06/TU00: threshold 0.2 lies outside the site's bounds 0.55 to 0.99",
  });
  expect(apply({ "D06/TU00": { hardHigh: 1 } }).ok).toBe(false);
  expect(apply({ "D06/TU07": { threshold: 0.8 } }).ok).toBe(false);
  expect(apply({}, "other").ok).toBe(false);
});

test("damaged bytes are refused or harmless, and never an exception", () => {
  const { bytes } = taught([tagOf(0), tagOf(1)]);
  const foreign = new TextEncoder().encode("something else that is long enough to have a header");
  expect(restoredInto([tagOf(0)], foreign).result.ok).toBe(false);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (size) => {
      const { result } = restoredInto([tagOf(0)], bytes.subarray(0, size));
      expect(result.ok).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = byte;
      restoredInto([tagOf(0)], flipped);
    }),
  );
});

test("two hundred and eighty tags are less than two megabytes", () => {
  const { bytes } = taught([tagOf(0)]);
  expect(280 * bytes.length).toBeLessThan(2 * 1024 * 1024);
});
