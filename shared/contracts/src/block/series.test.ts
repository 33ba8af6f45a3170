import { expect, test } from "vitest";
import type { BlockColumn } from "./column-block.ts";
import { decodeBlock } from "./decode-block.ts";
import { makeDictionary } from "./dictionary.ts";
import { encodeBlock } from "./encode-block.ts";

const tagCount = 20;
const readingCount = 60;

/** Uniform in [0, 1): a linear congruence is chance enough here. */
let state = 1;
const random = () => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};

/** Standard deviation 1. */
const noise = () => {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
};

/** What instruments do, as value of reading i of tag t; and the most that a reading may cost, bits. */
const behaviours: [string, number, (i: number, t: number) => number, number][] = [
  ["constant", 0.01, () => 7.23, 0.4],
  ["a set point that changes once", 0.01, (i) => (i < 30 ? 1 : 1.5), 0.7],
  ["flicker of one step", 0.01, () => (random() < 0.1 ? 1.01 : 1), 1],
  ["on and off", 1, () => Math.floor(2 * random()), 1.4],
  ["a state of ten seconds", 1, (i) => (i % 10 < 5 ? 100 : 900), 1.4],
  ["a counter", 1, (i, t) => 100_000 + 1000 * t + 7 * i, 1.3],
  ["noise of one step", 0.01, (_, t) => Math.round(500 + t + noise()) / 100, 2.6],
  [
    "a ramp with noise of two steps",
    0.001,
    (i, t) => Math.round(1000 + t + 1.73 * i + 2 * noise()) / 1000,
    3.8,
  ],
  [
    "noise of two steps with spikes",
    0.01,
    () => Math.round(500 + 2 * noise() + (random() < 0.03 ? 300 : 0)) / 100,
    5.6,
  ],
  ["float32 of a display", 0.01, () => Math.fround(Math.round(723 + noise()) / 100), 2.8],
  ["decimals without a resolution", 0, () => Math.round(20_000 + 5 * noise()) / 1000, 5.2],
  ["float32 noise", 0, () => Math.fround(20 + 0.1 * noise()), 24],
];

test.each(behaviours)("%s stays cheap and comes back", (_name, resolution, sample, bitsMax) => {
  const dictionary = makeDictionary(
    Array.from({ length: tagCount }, () => ({ resolution, periodMs: 1000 })),
  );
  const timesMs = Float64Array.from(
    { length: readingCount },
    (_, i) => 1_780_000_000_000 + i * 1000,
  );
  const columns = dictionary.tags.map(
    (_, tag): BlockColumn => ({
      tag,
      timesMs,
      values: Float64Array.from(timesMs, (_, i) => sample(i, tag)),
      qualities: new Uint8Array(readingCount),
    }),
  );
  const block = encodeBlock(dictionary, columns);
  expect(decodeBlock(dictionary, block)).toEqual({ ok: true, columns });
  expect((8 * block.length) / (tagCount * readingCount)).toBeLessThan(bitsMax);
});
