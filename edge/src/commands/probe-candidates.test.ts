import { numberAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ByteOrder, byteOrders, widthOf } from "../configuration/configuration.ts";
import { candidatesOf, probeTypes } from "./probe-candidates.ts";

/** Registers that hold `raw` as `type` in `order`, by offset from the first. */
function registersOf(raw: number, type: (typeof probeTypes)[number], order: ByteOrder): number[] {
  const view = new DataView(new ArrayBuffer(4));
  if (type === "float32") view.setFloat32(0, raw);
  else if (type === "int32") view.setInt32(0, raw);
  else if (type === "int16") view.setInt16(0, raw);
  else view.setUint16(0, raw);
  const bytes = [0, 1, 2, 3].map((i) => view.getUint8(i));
  const word = (a: number, b: number) => (numberAt(bytes, a) << 8) | numberAt(bytes, b);
  const letters = (at: number) => "ABCD".indexOf(order[at] as string);
  return widthOf[type] === 1
    ? [word(0, 1)]
    : [word(letters(0), letters(1)), word(letters(2), letters(3))];
}

const word = fc.nat(0xffff);
const cases = fc.record({
  around: fc.array(word, { minLength: 4, maxLength: 4 }),
  type: fc.constantFrom(...probeTypes),
  order: fc.constantFrom(...byteOrders),
  offset: fc.constantFrom(-1, 0, 1),
  scale: fc.constantFrom(1, 0.1, 0.01),
  /** Share of the range 0 to 14 at which the instrument stands. */
  at: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
  decimals: fc.constantFrom(1, 2, 3),
});

test("an address off by one is found: the right meaning comes first when the display was read", () => {
  fc.assert(
    fc.property(cases, ({ around, type, order, offset, scale, at, decimals }) => {
      const wanted = at * 14;
      const isFloat = type === "float32";
      const raw = isFloat ? Math.fround(wanted) : Math.round(wanted / scale);
      const value = isFloat ? raw : raw * scale;
      const shown = Number(value.toFixed(decimals));
      const registers = new Map([-1, 0, 1, 2].map((o, i) => [o, numberAt(around, i)]));
      registersOf(raw, type, order).forEach((w, i) => {
        registers.set(offset + i, w);
      });
      const [first] = candidatesOf(registers, {
        min: 0,
        max: 14,
        scale,
        offset: 0,
        areFloatsScaled: false,
        shown,
        tolerance: 0.5 * 10 ** -decimals + 1e-9,
        configured: { type, order },
      });
      // Neighbours drawn at random may mean the very same, in the very same form.
      const isSame = first?.type === type && Math.abs(first.value - value) <= 10 ** -decimals;
      expect(first?.offset === offset || isSame).toBe(true);
      expect(first?.type).toBe(type);
    }),
    { numRuns: 3_000 },
  );
});

test("a swapped word order and a wrong type are found by what the display shows", () => {
  fc.assert(
    fc.property(cases, ({ around, type, order, offset, at }) => {
      fc.pre(type === "float32");
      const raw = Math.fround(at * 14);
      const registers = new Map([-1, 0, 1, 2].map((o, i) => [o, numberAt(around, i)]));
      registersOf(raw, type, order).forEach((w, i) => {
        registers.set(offset + i, w);
      });
      const candidates = candidatesOf(registers, {
        min: 0,
        max: 14,
        scale: 0.01,
        offset: 0,
        areFloatsScaled: false,
        shown: raw,
        configured: { type: "int16", order: "ABCD" },
      });
      const right = candidates.findIndex(
        (c) => c.type === type && c.order === order && c.offset === offset,
      );
      // Nothing that is not what the display shows comes before it.
      for (const before of candidates.slice(0, right)) expect(before.value).toBeCloseTo(raw, 4);
    }),
    { numRuns: 3_000 },
  );
});

test("without a look at the display the configured form comes first", () => {
  const registers = new Map([
    [-1, 0],
    [0, 0xffff],
    [1, 720],
    [2, 690],
  ]);
  const [first] = candidatesOf(registers, {
    min: 5,
    max: 9,
    scale: 0.01,
    offset: 0,
    areFloatsScaled: false,
    configured: { type: "int16", order: "ABCD" },
  });
  expect(first).toMatchObject({ offset: 1, type: "int16", value: 7.2, isExpected: true });
});

test("without a configuration the address that was named comes first of what the display cannot tell apart", () => {
  // A float of the order CDAB at the named address, followed by a register that makes another one with its half.
  const registers = new Map([
    [-1, 0x1234],
    [0, 0xe8a0],
    [1, 0x3ec3],
    [2, 0x5b6f],
  ]);
  const expected = { min: 0, max: 1, scale: 1, offset: 0, areFloatsScaled: false, shown: 0.4 };
  const found = candidatesOf(registers, expected);
  const fitting = found.filter(({ isShown, isExpected }) => isShown && isExpected);
  expect(fitting.map(({ offset, order }) => [offset, order])).toEqual([
    [0, "CDAB"],
    [1, "ABCD"],
  ]);
  expect(found.slice(0, 2)).toEqual(fitting);
});
