import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockColumn, BlockDictionary } from "./column-block.ts";
import { decodeBlock } from "./decode-block.ts";
import { makeDictionary } from "./dictionary.ts";
import { encodeBlock } from "./encode-block.ts";

const tag = fc.record({
  resolution: fc.oneof(
    fc.constantFrom(0, 0.001, 0.01, 0.1, 0.5, 1, 2.5, 10),
    fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  ),
  periodMs: fc.constantFrom(0, 100, 1000, 5000, 333.25),
});

const times = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 2 ** 40 }), fc.nat(70), fc.constantFrom(100, 1000, 5000))
    .map(([first, count, period]) => Array.from({ length: count }, (_, i) => first + i * period)),
  fc
    .array(
      fc.maxSafeNat().map((n) => n % 2 ** 47),
      { maxLength: 40 },
    )
    .map((all) => all.sort((a, b) => a - b)),
);

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((k) => k / 100) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }) },
);

const wholeValue = fc.integer({ min: -2000, max: 2000 });

/** Dictionary and columns of some of its tags. */
const blocks = fc.array(tag, { minLength: 1, maxLength: 12 }).chain((tags) =>
  fc
    .tuple(
      ...tags.map((of, index) =>
        fc.option(
          fc.tuple(times, fc.boolean()).chain(([timesMs, whole]) => {
            const count = timesMs.length;
            const exact = { minLength: count, maxLength: count };
            const values = whole
              ? fc.array(
                  wholeValue.map((k) => k * (of.resolution || 0.1)),
                  exact,
                )
              : fc.array(value, exact);
            const qualities = fc.oneof(
              fc.constant(new Array<number>(count).fill(0)),
              fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 200), exact),
            );
            return fc.tuple(values, qualities).map(
              ([v, q]): BlockColumn => ({
                tag: index,
                timesMs: Float64Array.from(timesMs),
                values: Float64Array.from(v),
                qualities: Uint8Array.from(q),
              }),
            );
          }),
        ),
      ),
    )
    .map((columns) => ({ tags, columns: columns.filter((c) => c !== null) as BlockColumn[] })),
);

/** What comes back: multiples of the resolution exactly, anything else bit for bit. */
function expectSame(dictionary: BlockDictionary, given: BlockColumn[], bytes: Uint8Array): void {
  const decoded = decodeBlock(dictionary, bytes);
  if (!decoded.ok) throw new Error(`${decoded.fault}: ${decoded.detail}`);
  const kept = given.filter((column) => column.timesMs.length > 0);
  expect(decoded.columns.map((column) => column.tag)).toEqual(kept.map((column) => column.tag));
  for (const [i, column] of decoded.columns.entries()) {
    const from = kept[i] as BlockColumn;
    expect([...column.timesMs]).toEqual([...from.timesMs]);
    expect([...column.qualities]).toEqual([...from.qualities]);
    for (const [j, v] of column.values.entries()) {
      const was = from.values[j] as number;
      if (Object.is(v, was) || v === was) continue;
      expect(Math.abs(v - was)).toBeLessThanOrEqual(1e-9 * Math.abs(v));
    }
  }
}

test("what is encoded is decoded", () => {
  fc.assert(
    fc.property(blocks, ({ tags, columns }) => {
      const dictionary = makeDictionary(tags);
      expectSame(dictionary, columns, encodeBlock(dictionary, columns));
    }),
    { numRuns: 400 },
  );
});
