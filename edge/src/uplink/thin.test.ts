import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { FilterPolicy, Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { addReading, emptyPane, mergeInto, paneLengthMs } from "@weir/detectors/pane.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heldReadingsMax } from "./pane-keeper.ts";
import { type Filtered, Thinner, thinKeepEvery, thinSurroundingsMs } from "./thin.ts";

const { ALL, THIN, SUMMARY } = FilterPolicy;

/** One reading a second from second `from` on; its value is its second. */
const column = (from: number, count: number, quality = 0): BlockColumn => ({
  tag: 0,
  timesMs: Float64Array.from({ length: count }, (_, i) => (from + i) * 1_000),
  values: Float64Array.from({ length: count }, (_, i) => from + i),
  qualities: new Uint8Array(count).fill(quality),
});

const timesOf = ({ columns }: Filtered): number[] => columns.flatMap((c) => [...c.timesMs]);
const startsOf = ({ panes }: Filtered): number[] => panes.map((pane) => pane.startMs);
const at = (nowMs: number, all = false) => ({ nowMs, all });

test("all keeps all", () => {
  const filtered = new Thinner([ALL]).apply([column(0, 50)], at(50_000));
  expect(filtered).toMatchObject({ thinned: 0, panes: [] });
  expect(timesOf(filtered).length).toBe(50);
});

test("thin keeps every n-th, and all around an alert or a change of quality", () => {
  const thinner = new Thinner([THIN]);
  const thinnedOf = (one: BlockColumn) => thinner.apply([one], at(0)).thinned;
  expect(thinnedOf(column(0, 100))).toBe(100 - 100 / thinKeepEvery);
  thinner.noteAlert(0, true, 100_000);
  expect(thinnedOf(column(100, 50))).toBe(0);
  thinner.noteAlert(0, false, 150_000);
  expect(thinnedOf(column(150, thinSurroundingsMs / 1_000))).toBe(0);
  expect(thinnedOf(column(210, 10))).toBe(9);
  expect(thinnedOf(column(220, 1, 2))).toBe(0);
});

describe("summary", () => {
  test("sends panes and no readings, each when it is over", () => {
    const thinner = new Thinner([SUMMARY]);
    const first = thinner.apply([column(0, 12)], at(12_000));
    expect(first).toMatchObject({ columns: [], thinned: 10 });
    expect(
      first.panes.map(({ startMs, figures }) => [startMs, figures.count, figures.mean]),
    ).toEqual([
      [0, 5, 2],
      [5_000, 5, 7],
    ]);
    expect(thinner.heldCount).toBe(2);
    expect(thinner.apply([], at(14_999))).toEqual({ columns: [], panes: [], thinned: 0 });
    expect(thinner.apply([], at(15_000))).toMatchObject({ columns: [], thinned: 2 });
    expect(thinner.heldCount).toBe(0);
  });

  test("an alert sends the readings of the pane under way, and every one until it is over for a while", () => {
    const thinner = new Thinner([SUMMARY]);
    expect(startsOf(thinner.apply([column(0, 8)], at(8_000)))).toEqual([0]);
    thinner.noteAlert(0, true, 8_500);
    expect(timesOf(thinner.apply([column(8, 1)], at(9_000)))).toEqual([5_000, 6_000, 7_000, 8_000]);
    expect(thinner.apply([column(9, 41)], at(50_000)).panes).toEqual([]);
    thinner.noteAlert(0, false, 50_000);
    const after = thinner.apply([column(50, 70)], at(120_000));
    expect(timesOf(after).at(-1)).toBe(50_000 + thinSurroundingsMs - 1_000);
    expect(startsOf(after)).toEqual([110_000, 115_000]);
  });

  test("a change of quality sends the readings of its pane; a quality that stays does not", () => {
    const thinner = new Thinner([SUMMARY]);
    const before = thinner.apply([column(0, 7)], at(7_000));
    expect([startsOf(before), timesOf(before)]).toEqual([[0], []]);
    const changed = thinner.apply([column(7, 8, Quality.BAD)], at(15_000));
    expect(timesOf(changed)).toEqual([5_000, 6_000, 7_000, 8_000, 9_000]);
    expect(changed.panes).toMatchObject([{ startMs: 10_000, quality: Quality.BAD }]);
  });

  test("a sensor that gives no values is summarised as such", () => {
    const dead = { ...column(0, 5, Quality.BAD), values: new Float64Array(5).fill(Number.NaN) };
    expect(new Thinner([SUMMARY]).apply([dead], at(5_000)).panes).toMatchObject([
      { quality: Quality.BAD, holes: 5, lastAtMs: 4_000, figures: { count: 0 } },
    ]);
  });

  test("a tag that is read very often does not fill the memory", () => {
    const thinner = new Thinner([SUMMARY]);
    const count = 3 * heldReadingsMax;
    const timesMs = Float64Array.from({ length: count }, (_, i) => i);
    const many = { ...column(0, count), timesMs };
    const { panes } = thinner.apply([many], at(4_000));
    expect(panes.map(({ figures }) => figures.count)).toEqual([heldReadingsMax, heldReadingsMax]);
    expect(thinner.heldCount).toBe(heldReadingsMax);
  });
});

type Step =
  | { do: "readings"; every: number; values: number[]; quality: number }
  | { do: "alert"; active: boolean }
  | { do: "back"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("readings" as const),
      every: fc.integer({ min: 50, max: 3_000 }),
      values: fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 20 }),
      quality: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(3)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("alert" as const), active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("back" as const), ms: fc.nat(9_000) }) },
);

/** Of the pane of one tag with times from the pane's start: the same with times from 0. */
const fromZero = ({ figures, startMs }: TagPane) => ({
  ...figures,
  timeMean: figures.timeMean + startMs,
  firstAtMs: figures.firstAtMs + startMs,
  lastAtMs: figures.lastAtMs + startMs,
});

test("each reading travels once, as itself or in one pane, and the panes are what they hold", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const thinner = new Thinner([SUMMARY]);
      const given = new Map<string, number>();
      const sent: Filtered[] = [];
      let nowMs = 0;
      let serial = 0;
      for (const each of steps) {
        if (each.do === "alert") thinner.noteAlert(0, each.active, nowMs);
        if (each.do === "back") nowMs = Math.max(0, nowMs - each.ms);
        if (each.do !== "readings") continue;
        const timesMs = Float64Array.from(each.values, (_, i) => nowMs + i * each.every);
        const values = Float64Array.from(each.values, (value) => value + 1e4 * (serial++ % 2));
        for (const [i, atMs] of timesMs.entries()) {
          const key = `${atMs} ${values[i]}`;
          given.set(key, (given.get(key) ?? 0) + 1);
        }
        nowMs += each.values.length * each.every;
        const qualities = new Uint8Array(values.length).fill(each.quality);
        sent.push(thinner.apply([{ tag: 0, timesMs, values, qualities }], at(nowMs)));
      }
      sent.push(thinner.apply([], at(nowMs, true)));
      expect(thinner.heldCount).toBe(0);
      const merged = emptyPane();
      let thinned = 0;
      for (const one of sent) {
        thinned += one.thinned;
        for (const { timesMs, values } of one.columns) {
          for (const [i, atMs] of timesMs.entries()) {
            const key = `${atMs} ${values[i]}`;
            const left = (given.get(key) ?? 0) - 1;
            expect(left).toBeGreaterThanOrEqual(0);
            if (left === 0) given.delete(key);
            else given.set(key, left);
          }
        }
        for (const pane of one.panes) {
          expect(pane.lastAtMs).toBeLessThan(paneLengthMs);
          mergeInto(merged, fromZero(pane));
        }
      }
      // What did not go up as itself is what the panes amount to.
      const rest = emptyPane();
      for (const [key, count] of given) {
        const [atMs, value] = key.split(" ").map(Number) as [number, number];
        for (let i = 0; i < count; i++) addReading(rest, atMs, value);
      }
      expect(thinned).toBe(rest.count);
      expect(merged.count).toBe(rest.count);
      if (rest.count === 0) return;
      for (const key of ["min", "max", "firstAtMs", "lastAtMs"] as const) {
        expect(merged[key]).toBe(rest[key]);
      }
      const near = (a: number, b: number, size: number) =>
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-10 * Math.max(1e-6, size));
      near(merged.mean, rest.mean, 1e4);
      near(merged.m2, rest.m2, 1e8 * rest.count);
      near(merged.timeMean, rest.timeMean, 1e6);
      near(merged.timeM2, rest.timeM2, 1e12);
      near(merged.timeValue, rest.timeValue, 1e10 * rest.count);
    }),
    { numRuns: 300 },
  );
});
