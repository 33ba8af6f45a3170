import { readFileSync } from "node:fs";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBlock } from "../block/decode-block.ts";
import { makeDictionary } from "../block/dictionary.ts";
import { encodeBlock } from "../block/encode-block.ts";
import { elementAt, numberAt } from "../elements.ts";
import { PanesSchema, TelemetrySchema } from "../generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "./decode-panes.ts";
import { encodePanes } from "./encode-panes.ts";
import type { PaneFigures, TagPane } from "./tag-pane.ts";

const lengthMs = 5_000;
const startMs = 1_780_000_000_000;
const resolutions = [0.01, 0.5, 0, 3];
const dictionary = makeDictionary(
  resolutions.map((resolution) => ({ resolution, periodMs: 1_000 })),
);

/** By the textbook's sums over all readings. */
function figuresOf(times: readonly number[], values: readonly number[]): PaneFigures {
  const count = values.length;
  const meanOf = (all: readonly number[]) => all.reduce((sum, x) => sum + x, 0) / count;
  const [mean, timeMean] = [meanOf(values), meanOf(times)];
  const off = values.map((x, i) => [x - mean, numberAt(times, i) - timeMean] as const);
  return {
    count,
    mean,
    timeMean,
    m2: off.reduce((sum, [x]) => sum + x * x, 0),
    timeM2: off.reduce((sum, [, t]) => sum + t * t, 0),
    timeValue: off.reduce((sum, [x, t]) => sum + x * t, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    first: numberAt(values, 0),
    last: values.at(-1) as number,
    firstAtMs: numberAt(times, 0),
    lastAtMs: times.at(-1) as number,
  };
}

const times = fc
  .uniqueArray(fc.integer({ min: 0, max: lengthMs - 1 }), { minLength: 1, maxLength: 60 })
  .map((all) => all.sort((a, b) => a - b));

const pane = fc
  .record({
    tag: fc.nat(resolutions.length - 1),
    at: fc.nat(20),
    quality: fc.nat(3),
    holes: fc.nat(3),
    times,
    steps: fc.array(fc.integer({ min: -2_000, max: 90_000 }), { minLength: 60, maxLength: 60 }),
    isLoose: fc.boolean(),
  })
  .map(({ tag, at, quality, holes, times, steps, isLoose }): TagPane => {
    const step = resolutions[tag] || 1 / 7;
    const divisor = Math.round(1 / step);
    const values = times.map((_, i) => {
      const whole = numberAt(steps, i);
      const value = tag === 0 ? whole / divisor : whole * step;
      return isLoose ? value + 0.123_456 * step : value;
    });
    const figures = figuresOf(times, values);
    const lastAtMs = figures.lastAtMs;
    return { tag, startMs: startMs + at * lengthMs, quality, holes, lastAtMs, figures };
  });

const travelled = (panes: readonly TagPane[]): TagPane[] => {
  const bytes = toBinary(PanesSchema, encodePanes(dictionary, panes, lengthMs));
  const decoded = decodePanes(dictionary, fromBinary(PanesSchema, bytes), lengthMs);
  return decoded.ok ? decoded.panes : expect.fail(decoded.detail);
};

/** To what float64 keeps of sums of this size. */
const close = (a: number, b: number, size: number) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-10 * Math.max(1e-9, size));

describe("panes on their way", () => {
  test("every figure comes back, to floating point", () => {
    fc.assert(
      fc.property(fc.array(pane, { minLength: 1, maxLength: 8 }), (panes) => {
        const back = travelled(panes);
        expect(back.length).toBe(panes.length);
        for (const [i, { figures, ...given }] of panes.entries()) {
          const { figures: got, ...rest } = elementAt(back, i);
          expect(rest).toEqual(given);
          const size = Math.max(Math.abs(figures.min), Math.abs(figures.max));
          const spread = size * size * figures.count;
          for (const key of ["count", "firstAtMs", "lastAtMs"] as const)
            expect(got[key]).toBe(figures[key]);
          for (const key of ["min", "max", "first", "last", "mean"] as const)
            close(got[key], figures[key], size);
          close(got.m2, figures.m2, spread);
          close(got.timeMean, figures.timeMean, lengthMs);
          close(got.timeM2, figures.timeM2, lengthMs * lengthMs * figures.count);
          close(got.timeValue, figures.timeValue, lengthMs * size * figures.count);
        }
      }),
    );
  });

  test("a calm tag read evenly once a second costs some 30 bytes with everything around it", () => {
    const times = [100, 1_100, 2_100, 3_100, 4_100];
    const figures = figuresOf(times, [7.23, 7.24, 7.23, 7.22, 7.23]);
    const one = { tag: 0, startMs, quality: 0, holes: 0, lastAtMs: 4_100, figures };
    const bytes = (panes: TagPane[]) =>
      toBinary(PanesSchema, encodePanes(dictionary, panes, lengthMs)).length;
    expect(bytes([one])).toBeLessThan(60);
    const more = bytes([one, one, one]) - bytes([one, one]);
    expect(more).toBeLessThan(20);
  });

  test("a pane of a dead sensor has readings and no values", () => {
    const figures = { ...figuresOf([0], [0]), count: 0 };
    const dead = { tag: 0, startMs, quality: 2, holes: 5, lastAtMs: 4_100, figures };
    expect(travelled([dead])[0]).toMatchObject({ holes: 5, quality: 2, lastAtMs: 4_100 });
    expect(travelled([dead])[0]?.figures.count).toBe(0);
  });

  test("a reader from before panes reads the readings and passes over the rest", () => {
    const released = new URL("../../fixtures/released.binpb", import.meta.url);
    const files = fromBinary(FileDescriptorSetSchema, readFileSync(released));
    const old = createFileRegistry(files).getMessage("weir.v1.Telemetry");
    if (!old) expect.fail("the released schema has no Telemetry");
    expect(old.fields.map(({ name }) => name)).not.toContain("panes");
    const figures = figuresOf([0, 1_000], [1, 2]);
    const one = { tag: 1, startMs, quality: 0, holes: 0, lastAtMs: 1_000, figures };
    const reading = { timesMs: Float64Array.of(startMs), values: Float64Array.of(7.23) };
    for (const columns of [[], [{ tag: 0, ...reading, qualities: new Uint8Array(1) }]]) {
      const message = create(TelemetrySchema, {
        ...{ epoch: 3, sequence: 9, block: encodeBlock(dictionary, columns) },
        panes: encodePanes(dictionary, [one], lengthMs),
      });
      const read = fromBinary(old, toBinary(TelemetrySchema, message)) as unknown as typeof message;
      expect([read.epoch, read.sequence]).toEqual([3, 9]);
      expect(decodeBlock(dictionary, read.block)).toEqual({ ok: true, columns });
    }
  });

  test("columns that do not fit together, and times and tags from nowhere, are refused", () => {
    const good = () => {
      const figures = figuresOf([0, 1_000], [1, 2]);
      const one = { tag: 0, startMs, quality: 0, holes: 0, lastAtMs: 1_000, figures };
      return encodePanes(dictionary, [one, one], lengthMs);
    };
    const refusal = (change: (panes: ReturnType<typeof good>) => void) => {
      const panes = good();
      change(panes);
      const decoded = decodePanes(dictionary, panes, lengthMs);
      return decoded.ok ? "" : decoded.detail;
    };
    expect(refusal(() => {})).toBe("");
    expect(refusal((p) => p.counts.push(1))).toContain("3 counts of 2 panes");
    expect(refusal((p) => p.tags.splice(0, 2, 9, 9))).toContain("tag 9");
    expect(refusal((p) => p.spans.splice(0, 1, 9_000))).toContain("impossible");
    expect(refusal((p) => p.mins.push(100n, 100n))).toContain("impossible");
    expect(refusal((p) => Object.assign(p, { startMs: startMs + 1 }))).toContain("panes at");
    expect(refusal((p) => Object.assign(p, { lengthMs: 60_000 }))).toContain("60000 ms");
    expect(refusal((p) => p.loose.push(0))).toContain("0 figures of 1 panes");
  });

  test("anything at all is decoded or refused, never thrown at", () => {
    const numbers = fc.array(fc.nat(70_000), { maxLength: 3 });
    const wide = fc.array(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), { maxLength: 3 });
    fc.assert(
      fc.property(numbers, wide, wide, (whole, a, b) => {
        const message = encodePanes(dictionary, [], lengthMs);
        Object.assign(message, { startMs, tags: whole, counts: whole, sums: a, squares: b });
        expect(typeof decodePanes(dictionary, message, lengthMs).ok).toBe("boolean");
      }),
    );
  });
});
