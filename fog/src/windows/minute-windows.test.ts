import { create } from "@bufbuild/protobuf";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MinuteWindows, minuteMs } from "./minute-windows.ts";

const startMs = Date.UTC(2026, 5, 2);

function rig(edges: readonly string[] = ["edge-w"]) {
  const closed: number[] = [];
  const windows = new MinuteWindows({
    indexOf: (id) => (id.endsWith("D11/CL01") ? edges.indexOf(id.split("/")[0] as string) : -1),
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
