import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ByteOrder,
  byteOrders,
  type Ne107,
  type TagSettings,
  type ValueType,
  widthOf,
} from "../configuration/configuration.ts";
import { type Conditioned, conditionerOf } from "./condition.ts";
import { bitAt, decoderOf } from "./decode.ts";
import { applyStatus, statusReason } from "./device-status.ts";
import { Quality, reason } from "./quality.ts";

const base = {
  type: "int16",
  scale: 0.01,
  offset: 0,
  mask: undefined,
  map: undefined,
  signal: "direct",
  min: 0,
  max: 10,
  resolution: 0.01,
} as unknown as TagSettings;

function condition(raw: number, over: Partial<TagSettings> = {}): Conditioned {
  const result = { value: 0, quality: 9, reason: 9 };
  conditionerOf({ ...base, ...over })(raw, result);
  return result;
}

describe("registers to numbers", () => {
  test.each<[ValueType, ByteOrder, string, number]>([
    ["int16", "ABCD", "fff6", -10],
    ["int16", "BADC", "f6ff", -10],
    ["uint16", "ABCD", "fff6", 65_526],
    ["int32", "ABCD", "fffe7960", -100_000],
    ["int32", "CDAB", "7960fffe", -100_000],
    ["uint32", "BADC", "feff6079", 0xfffe7960],
    ["float32", "ABCD", "40e66666", 7.2],
    ["float32", "CDAB", "666640e6", 7.2],
    ["float32", "BADC", "e6406666", 7.2],
    ["float32", "DCBA", "6666e640", 7.2],
    ["float64", "ABCD", "400921fb54442d18", Math.PI],
    ["float64", "CDAB", "2d18544421fb4009", Math.PI],
    ["float64", "DCBA", "182d4454fb210940", Math.PI],
  ])("%s %s %s", (type, order, hex, expected) => {
    const bytes = Uint8Array.from([0xaa, ...Buffer.from(hex, "hex")]);
    const value = decoderOf(type as Exclude<ValueType, "bool">, order)(bytes, 1);
    expect(value).toBeCloseTo(expected, 6);
  });

  test("every order is a rearrangement: the four disagree unless bytes repeat", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        const seen = byteOrders.map((order) => decoderOf("uint32", order)(bytes, 0) >>> 0);
        const sorted = (n: number) =>
          [24, 16, 8, 0]
            .map((s) => (n >>> s) & 255)
            .sort()
            .join();
        expect(new Set(seen.map(sorted)).size).toBe(1);
        expect(widthOf.uint32).toBe(2);
      }),
    );
  });

  test("bits count from the lowest of the first byte", () => {
    const bytes = Uint8Array.of(0xff, 0b0000_0101, 0b1);
    expect([0, 1, 2, 8].map((i) => bitAt(bytes, 1, i))).toEqual([1, 0, 1, 1]);
  });
});

describe("raw numbers to values", () => {
  test("scaled and delivered to the resolution, without a float's tail", () => {
    expect(condition(123)).toEqual({ value: 1.23, quality: Quality.GOOD, reason: 0 });
    expect(condition(29, { scale: 0.1, resolution: 0.1 }).value).toBe(2.9);
    expect(condition(7.123456, { type: "float32", scale: 1, resolution: 0 }).value).toBe(7.123456);
    expect(condition(3, { scale: 0.25, resolution: 0.25 }).value).toBe(0.75);
  });

  test("outside the range is doubtful, far outside or marked as none is bad", () => {
    expect(condition(1_050)).toMatchObject({ value: 10.5, quality: Quality.UNCERTAIN });
    expect(condition(-50)).toMatchObject({ value: -0.5, quality: Quality.UNCERTAIN });
    expect(condition(1_200)).toEqual({
      value: Number.NaN,
      quality: Quality.BAD,
      reason: reason.impossible,
    });
    expect(condition(-32_768)).toMatchObject({ quality: Quality.BAD, reason: reason.none });
    expect(condition(0xffffffff, { type: "uint32" })).toMatchObject({ reason: reason.none });
    // In a range that includes it the code is a value.
    expect(condition(65_535, { type: "uint16", min: 0, max: 700 }).quality).toBe(Quality.GOOD);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%s is bad",
    (raw) => {
      expect(condition(raw, { type: "float32", scale: 1 })).toMatchObject({
        quality: Quality.BAD,
        reason: reason.notANumber,
      });
    },
  );

  test("bits, masks and codes", () => {
    const bits = { scale: 1, max: 100, resolution: 0 } as const;
    expect(condition(0b1010, { ...bits, mask: 0b0010 }).value).toBe(1);
    expect(condition(0xab00, { ...bits, type: "uint16", mask: 0x0f00 }).value).toBe(0xb);
    expect(condition(0x8000_0000, { ...bits, type: "uint32", mask: 0x8000_0000 }).value).toBe(1);
    const map = new Map([[3, 50]]);
    expect(condition(3, { ...bits, map }).value).toBe(50);
    expect(condition(4, { ...bits, map })).toMatchObject({ reason: reason.unknownCode });
  });
});

describe("NAMUR NE 43", () => {
  const loop = {
    signal: "4-20mA",
    type: "uint16",
    scale: 0.001,
    min: 0,
    max: 5,
    resolution: 0.001,
  } as const;
  test.each([
    [3_599, Quality.BAD, reason.currentLow],
    [3_600, Quality.BAD, reason.currentLow],
    [3_601, Quality.UNCERTAIN, reason.currentUncertain],
    [3_799, Quality.UNCERTAIN, reason.currentUncertain],
    [3_800, Quality.GOOD, reason.good],
    [4_000, Quality.GOOD, reason.good],
    [20_500, Quality.GOOD, reason.good],
    [20_501, Quality.UNCERTAIN, reason.currentUncertain],
    [20_999, Quality.UNCERTAIN, reason.currentUncertain],
    [21_000, Quality.BAD, reason.currentHigh],
    [21_001, Quality.BAD, reason.currentHigh],
  ])("%i µA", (raw, quality, why) => {
    expect(condition(raw, loop)).toMatchObject({ quality, reason: why });
  });

  test("4 mA is the low end and 20 mA the high one; a failed loop has no value", () => {
    expect(condition(4_000, loop).value).toBe(0);
    expect(condition(12_000, loop).value).toBe(2.5);
    expect(condition(20_000, loop).value).toBe(5);
    expect(condition(3_500, loop).value).toBeNaN();
  });
});

test("a device's status word lowers the quality, most serious bit first", () => {
  const settings = {
    place: { table: "holding", address: 0 },
    bits: new Map<number, Ne107>([
      [0, "maintenance_required"],
      [3, "failure"],
    ]),
  } as const;
  expect(statusReason(settings, 0)).toBe(reason.good);
  expect(statusReason(settings, 0b1001)).toBe(reason.deviceFailure);
  const good = () => ({ value: 1, quality: Quality.GOOD as number, reason: 0 });
  const failed = good();
  applyStatus(reason.deviceFailure, failed);
  expect(failed).toEqual({ value: Number.NaN, quality: Quality.BAD, reason: reason.deviceFailure });
  const due = good();
  applyStatus(reason.maintenance, due);
  expect(due).toEqual({ value: 1, quality: Quality.GOOD, reason: reason.maintenance });
});
