import { create } from "@bufbuild/protobuf";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { addReading, emptyPane } from "@weir/detectors/pane.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MinuteWindows, minuteMs } from "./minute-windows.ts";

const startMs = Date.UTC(2026, 5, 2);

function rig(edges: readonly string[] = ["edge-w"]) {
  const closed: number[] = [];
  const windows = new MinuteWindows({
    indexOf: (id) => (id.endsWith("D11/CL01") ? edges.indexOf(elementAt(id.split("/"), 0)) : -1),
    onMinute: (endMs) => closed.push((endMs - startMs) / minuteMs),
  });
  for (const edge of edges) windows.onBirth(edge, birthOf(edge));
  return { windows, closed };
}

const birthOf = (edge: string) =>
  create(BirthSchema, { edge, tags: [{ index: 0, id: "D11/CL01" }] });

const column = (
  atMs: readonly number[],
  values: readonly number[],
  quality: Quality = Quality.GOOD,
): BlockColumn => ({
  tag: 0,
  timesMs: Float64Array.from(atMs, (ms) => startMs + ms),
  values: Float64Array.from(values),
  qualities: new Uint8Array(values.length).fill(quality),
});

test("a minute closes when every edge has sent readings from after its end", () => {
  const { windows, closed } = rig(["edge-w", "edge-d"]);
  windows.onReadings("edge-w", [column([1_000], [1])], false);
  windows.onReadings("edge-d", [column([1_000], [1])], false);
  windows.onReadings("edge-w", [column([63_000], [1])], false);
  expect(closed).not.toContain(1);
  windows.onReadings("edge-d", [column([63_000], [1])], false);
  expect(closed).toContain(1);
});

test("an edge that is gone holds nothing back", () => {
  const { windows, closed } = rig(["edge-w", "edge-d"]);
  windows.onReadings("edge-w", [column([1_000], [1])], false);
  windows.onReadings("edge-d", [column([1_000], [1])], false);
  windows.onReadings("edge-w", [column([130_000], [1])], false);
  windows.onDeath("edge-d");
  expect(closed).toEqual(expect.arrayContaining([1, 2]));
});

test("backlog fills no window, and bad readings count for nothing", () => {
  const { windows } = rig();
  windows.onReadings("edge-w", [column([5_000], [9])], true);
  windows.onReadings("edge-w", [column([6_000], [9], Quality.BAD)], false);
  windows.onReadings("edge-w", [column([7_000, 63_000], [2, 2])], false);
  expect(windows.window(0, startMs + minuteMs, 1)).toMatchObject({ count: 1, mean: 2 });
});

test("a long silence is stepped over, not walked through", () => {
  const { windows, closed } = rig();
  windows.onReadings("edge-w", [column([1_000, 63_000], [1, 1])], false);
  windows.onReadings("edge-w", [column([30 * 86_400_000], [1])], false);
  expect(closed.length).toBeLessThan(10);
});

test("a window of any length has the mean and count of its readings", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 9 * minuteMs }),
          fc.double({ min: -100, max: 100, noNaN: true }),
        ),
        { minLength: 1, maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 10 }),
      (readings, minutes) => {
        const { windows } = rig();
        const sorted = [...readings].sort((a, b) => a[0] - b[0]);
        windows.onReadings(
          "edge-w",
          [
            column(
              sorted.map(([at]) => at),
              sorted.map(([, value]) => value),
            ),
          ],
          false,
        );
        const endMs = 10 * minuteMs;
        const inside = sorted
          .filter(([at]) => at >= endMs - minutes * minuteMs)
          .map(([, value]) => value);
        const pane = windows.window(0, startMs + endMs, minutes);
        expect(pane?.count ?? 0).toBe(inside.length);
        if (inside.length > 0)
          expect(pane?.mean).toBeCloseTo(inside.reduce((a, b) => a + b) / inside.length, 8);
      },
    ),
  );
});

test("a window of panes is that of their readings, and panes close minutes too", () => {
  const paneMs = 5_000;
  const reading = fc.record({ atMs: fc.nat(2 * minuteMs - 1), value: fc.integer({ max: 1_000 }) });
  fc.assert(
    fc.property(fc.uniqueArray(reading, { selector: (r) => r.atMs, minLength: 1 }), (readings) => {
      const ordered = readings.toSorted((a, b) => a.atMs - b.atMs);
      const spans = [...Map.groupBy(ordered, ({ atMs }) => Math.floor(atMs / paneMs))];
      const panes = spans.map(([number, list]) => {
        const figures = emptyPane();
        for (const { atMs, value } of list) addReading(figures, atMs - number * paneMs, value);
        const at = { startMs: startMs + number * paneMs, lastAtMs: figures.lastAtMs };
        return { tag: 0, quality: Quality.GOOD, holes: 0, ...at, figures };
      });
      const one = rig();
      const other = rig();
      const times = ordered.map(({ atMs }) => atMs);
      const values = ordered.map(({ value }) => value);
      one.windows.onReadings("edge-w", [column(times, values)], false);
      other.windows.onPanes("edge-w", panes, true); // Backlog fills no window.
      other.windows.onPanes("edge-w", panes, false);
      other.windows.onReadings("edge-w", [], false);
      expect(other.closed).toEqual(one.closed);
      for (const minutes of [1, 2]) {
        const expected = one.windows.window(0, startMs + 2 * minuteMs, minutes);
        const got = other.windows.window(0, startMs + 2 * minuteMs, minutes);
        expect(got?.count).toBe(expected?.count);
        if (!expected || !got) continue;
        expect([got.min, got.max, got.first, got.last]).toEqual([
          ...[expected.min, expected.max, expected.first, expected.last],
        ]);
        expect(got.mean).toBeCloseTo(expected.mean, 6);
        expect(got.m2 / (1 + expected.m2)).toBeCloseTo(expected.m2 / (1 + expected.m2), 6);
      }
    }),
  );
});
