import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { elementAt, f64, u8 } from "../elements.ts";
import {
  blockVersion,
  crcBytes,
  peekBlock,
  readingsMax,
  writeHeader,
  writeU32,
} from "./block-header.ts";
import type { BlockColumn, BlockDictionary } from "./column-block.ts";
import { crc32 } from "./crc32.ts";
import { decodeBlock } from "./decode-block.ts";
import { makeDictionary } from "./dictionary.ts";
import { encodeBlock } from "./encode-block.ts";
import { goldenBlocks } from "./golden-blocks.ts";

/** Uniform in [0, 1): a linear congruence is chance enough here. */
const seeded = (state: number) => () => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};

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
  { weight: 1, arbitrary: fc.float() },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }) },
);

const wholeValue = fc.integer({ min: -2000, max: 2000 });

/** What a series does: noise, a few levels, jumps, as whole steps. */
const wholeSeries = (count: number) => {
  const exact = { minLength: count, maxLength: count };
  return fc.oneof(
    fc.array(wholeValue, exact),
    fc.array(fc.constantFrom(0, 1, 1, 1, -700), exact),
    fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 50, max: 53 }) },
        { weight: 1, arbitrary: wholeValue },
      ),
      exact,
    ),
    fc
      .tuple(wholeValue, wholeValue)
      .map(([from, by]) => Array.from({ length: count }, (_, i) => from + i * by)),
  );
};

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
              ? wholeSeries(count).chain((steps) => {
                  const multiples = steps.map((k) => k * (of.resolution || 0.1));
                  return fc.constantFrom(multiples, multiples.map(Math.fround));
                })
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
    const from = elementAt(kept, i);
    expect([...column.timesMs]).toEqual([...from.timesMs]);
    expect([...column.qualities]).toEqual([...from.qualities]);
    for (const [j, v] of column.values.entries()) {
      const was = f64(from.values, j);
      if (Object.is(v, was)) continue;
      const { resolution } = elementAt(dictionary.tags, from.tag);
      expect(resolution).toBeGreaterThan(0);
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

/** A block with some of everything. */
const sample = goldenBlocks["mixed"];
assert(sample);
const dictionary = makeDictionary(sample.tags);
const bytes = encodeBlock(dictionary, sample.columns);

const faultOf = (block: Uint8Array, by = dictionary): string => {
  const decoded = decodeBlock(by, block);
  return decoded.ok ? "ok" : decoded.fault;
};

/** Gives altered bytes the CRC that fits them. */
function resealed(block: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(block);
  writeU32(sealed, sealed.length - crcBytes, crc32(sealed, 0, sealed.length - crcBytes));
  return sealed;
}

test("a block cut anywhere is refused", () => {
  for (let end = 0; end < bytes.length; end++) {
    expect(["truncated", "bad-crc"]).toContain(faultOf(bytes.subarray(0, end)));
  }
});

test("a block with any one bit flipped is refused", () => {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = u8(flipped, bit >> 3) ^ (1 << (bit & 7));
    expect(faultOf(flipped)).not.toBe("ok");
  }
});

test("a block with something behind it is refused", () => {
  expect(faultOf(Uint8Array.of(...bytes, 0))).toBe("bad-crc");
});

test("another version and another dictionary are told", () => {
  expect(faultOf(resealed(bytes.with(0, blockVersion + 1)))).toBe("unknown-version");
  expect(faultOf(bytes, makeDictionary([...sample.tags, { resolution: 1, periodMs: 1 }]))).toBe(
    "wrong-dictionary",
  );
  const finer = sample.tags.map((of) => ({ ...of, resolution: of.resolution / 10 }));
  expect(faultOf(bytes, makeDictionary(finer))).toBe("wrong-dictionary");
});

test("forged blocks with a right CRC never throw, and give no more than their header says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: bytes.length - crcBytes - 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
      (at, forged) => {
        const block = Uint8Array.from(
          { length: Math.max(bytes.length, at + forged.length + 4) },
          (_, i) => bytes[i] ?? 0,
        );
        block.set(forged, at);
        const sealed = resealed(block);
        const decoded = decodeBlock(dictionary, sealed);
        const header = peekBlock(sealed);
        if (!decoded.ok || !header.ok) return;
        const readings = decoded.columns.reduce((sum, column) => sum + column.values.length, 0);
        expect(readings).toBe(header.readings);
        for (const { timesMs } of decoded.columns) {
          expect(timesMs[0]).toBeGreaterThanOrEqual(header.firstMs);
          expect(timesMs.at(-1)).toBeLessThanOrEqual(header.lastMs);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test("a header that promises too much is refused before anything is allocated", () => {
  const block = new Uint8Array(40);
  writeHeader(block, {
    dictionary: dictionary.hash,
    readings: readingsMax + 1,
    firstMs: 0,
    lastMs: 0,
  });
  expect(faultOf(resealed(block))).toBe("malformed");
});

test("the header is read without decoding", () => {
  expect(peekBlock(bytes)).toMatchObject({
    ok: true,
    version: blockVersion,
    dictionary: dictionary.hash,
    readings: 15,
    firstMs: 0,
    lastMs: 2 ** 47,
  });
  expect(peekBlock(encodeBlock(dictionary, []))).toMatchObject({ ok: true, readings: 0 });
});

test("a minute of sixty tags stays near its entropy", () => {
  // Noise of one step around a wandering level: 2.05 bits a reading.
  const random = seeded(1);
  const tags = Array.from({ length: 60 }, () => ({ resolution: 0.01, periodMs: 1000 }));
  const timesMs = Float64Array.from({ length: 60 }, (_, i) => 1_780_000_000_000 + i * 1000);
  const columns = tags.map((_, index): BlockColumn => {
    const base = 500 + 400 * random();
    const noise = () => random() + random() + random() + random() - 2;
    const values = Float64Array.from(
      timesMs,
      () => Math.round(base + Math.sqrt(3) * noise()) / 100,
    );
    return { tag: index, timesMs, values, qualities: new Uint8Array(60) };
  });
  const block = encodeBlock(makeDictionary(tags), columns);
  expect((8 * block.length) / 3600).toBeLessThan(2.5);
});

test("no input makes a block much larger than its columns", () => {
  fc.assert(
    fc.property(blocks, ({ tags, columns }) => {
      const readings = columns.reduce((sum, column) => sum + column.timesMs.length, 0);
      const block = encodeBlock(makeDictionary(tags), columns);
      expect(block.length).toBeLessThanOrEqual(24 + 20 * readings + 4 * tags.length);
    }),
  );
});

test("columns come back in the order of their tags, empty ones are left out", () => {
  const one = (tag: number, count: number): BlockColumn => ({
    tag,
    timesMs: new Float64Array(count).fill(5),
    values: new Float64Array(count).fill(1),
    qualities: new Uint8Array(count),
  });
  const decoded = decodeBlock(
    dictionary,
    encodeBlock(dictionary, [one(3, 2), one(1, 0), one(0, 1)]),
  );
  expect(decoded.ok && decoded.columns.map((column) => column.tag)).toEqual([0, 3]);
});

test("mistakes of the caller are assertions", () => {
  const timesMs = Float64Array.of(5, 4);
  const backwards = { tag: 0, timesMs, values: new Float64Array(2), qualities: new Uint8Array(2) };
  expect(() => encodeBlock(dictionary, [backwards])).toThrow("time 4 after 5");
  const fine = { ...backwards, timesMs: Float64Array.of(4, 5) };
  expect(() => encodeBlock(dictionary, [fine, fine])).toThrow("two columns of tag 0");
  expect(() => encodeBlock(dictionary, [{ ...fine, tag: 4 }])).toThrow("no tag 4");
  expect(() => encodeBlock(dictionary, [{ ...fine, values: new Float64Array(1) }])).toThrow(
    "lengths",
  );
});
