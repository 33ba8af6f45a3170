/** Blocks whose bytes are kept in fixtures/: what was written once is read for ever, bit for bit. */
import type { BlockColumn, BlockTag } from "./column-block.ts";

export interface GoldenBlock {
  tags: BlockTag[];
  columns: BlockColumn[];
}

const startMs = Date.UTC(2026, 5, 2, 5);

const grid = (count: number, periodMs: number, firstMs = startMs) =>
  Float64Array.from({ length: count }, (_, i) => firstMs + i * periodMs);

const column = (tag: number, timesMs: Float64Array, values: number[]): BlockColumn => ({
  tag,
  timesMs,
  values: Float64Array.from(values),
  qualities: new Uint8Array(values.length),
});

/** A repeatable wiggle of −3 to 3. */
const wiggle = (i: number) => ((i * i * 31 + i * 7) % 7) - 3;

const minute = grid(60, 1000);
const jittered = minute.map((at, i) => at + (i % 5) * 2);

export const goldenBlocks: Record<string, GoldenBlock> = {
  empty: { tags: [{ resolution: 0.01, periodMs: 1000 }], columns: [] },
  "one-reading": {
    tags: [{ resolution: 0.01, periodMs: 1000 }],
    columns: [column(0, grid(1, 0), [7.23])],
  },
  "one-second": {
    tags: Array.from({ length: 40 }, (_, i) => ({
      resolution: i % 3 === 0 ? 0.1 : 0.01,
      periodMs: 1000,
    })),
    columns: Array.from({ length: 40 }, (_, i) =>
      column(i, grid(1, 0, startMs + Math.floor(i / 20) * 35), [
        i % 3 === 0 ? (2135 + 7 * i) / 10 : (720 + wiggle(i)) / 100,
      ]),
    ),
  },
  "one-minute": {
    tags: [
      { resolution: 0.01, periodMs: 1000 },
      { resolution: 0.001, periodMs: 1000 },
      { resolution: 0.1, periodMs: 1000 },
      { resolution: 0.01, periodMs: 1000 },
    ],
    columns: [
      column(
        0,
        jittered,
        Array.from({ length: 60 }, (_, i) => (120 + wiggle(i)) / 100),
      ),
      column(
        1,
        jittered,
        Array.from({ length: 60 }, (_, i) => (1500 + 2 * i + wiggle(i)) / 1000),
      ),
      column(
        2,
        minute,
        Array.from({ length: 60 }, (_, i) => (i < 30 ? 580 : -120 + wiggle(i)) / 10),
      ),
      column(3, minute, new Array(60).fill(0.08)),
    ],
  },
  mixed: {
    tags: [
      { resolution: 0, periodMs: 0 },
      { resolution: 0.01, periodMs: 1000 },
      { resolution: 0.01, periodMs: 5000 },
      { resolution: 2.5, periodMs: 1000 },
    ],
    columns: [
      column(0, Float64Array.from([0, 1, 1, 5_000, 2 ** 47]), [
        Math.fround(0.1),
        1 / 3,
        1 / 3,
        -0,
        Number.POSITIVE_INFINITY,
      ]),
      {
        ...column(1, grid(6, 1000), [4.01, Number.NaN, Number.NaN, 4.02, 4.02, 4.02]),
        qualities: Uint8Array.of(0, 2, 3, 3, 0, 1),
      },
      column(3, grid(4, 1000), [-2.5, 2.5, 1e9, 0.1]),
    ],
  },
};
