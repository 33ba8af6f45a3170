import { elementAt } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { addReading, type Bucket, emptyPane } from "./pane.ts";
import {
  historyOfBuckets,
  historyRow,
  readRow,
  rowBuffer,
  rowOfPanes,
  type StageTag,
} from "./stage-history.ts";

const tags: StageTag[] = [
  { id: "W13/DO01", kind: "dissolved_oxygen", stage: "W13", own: true },
  { id: "W13/FL01", kind: "air_flow", stage: "W13", own: true },
];
const minuteMs = 60_000;
const bucket = (minute: number, mean: number): Bucket => ({
  atMs: minute * minuteMs,
  lengthMs: minuteMs,
  count: 30,
  mean,
  sd: 0.1,
  slope: 0,
  min: mean,
  max: mean,
});

test("a window is the merge of its minutes; a tag that was silent throughout is missing", () => {
  const history = historyOfBuckets(
    tags,
    [[0, 1, 2, 3, 4, 5].map((minute) => bucket(minute, minute)), [bucket(5, 100)]],
    { bucketMs: minuteMs, windowMs: 5 * minuteMs },
  );
  expect(history.rowCount).toBe(6);
  expect([...history.atMs]).toEqual([1, 2, 3, 4, 5, 6].map((minute) => minute * minuteMs));
  expect([...elementAt(history.mean, 0)]).toEqual([0, 0.5, 1, 1.5, 2, 3]);
  expect([...elementAt(history.mean, 1)].map(Number.isNaN)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
  // Minutes 1 to 5 rise by one a minute, in stairs.
  expect(elementAt(history.slope, 0)[5]).toBeCloseTo(0.016, 3);
});

test("a live window of panes gives the same kind of row", () => {
  const pane = emptyPane();
  for (let i = 0; i < 10; i++) addReading(pane, 1_000 * i, 2 + 0.5 * i);
  const row = rowOfPanes(10_000, [pane, undefined]);
  expect(row.mean[0]).toBeCloseTo(4.25, 12);
  expect(row.slope[0]).toBeCloseTo(0.5, 12);
  expect(row.mean[1]).toBeNaN();
});

test("a buffered row holds what a fresh one does", () => {
  const history = historyOfBuckets(
    tags,
    [
      [bucket(0, 1), bucket(1, 2)],
      [bucket(0, 5), bucket(1, 6)],
    ],
    {
      bucketMs: minuteMs,
      windowMs: minuteMs,
    },
  );
  const fresh = historyRow(history, 1);
  const buffered = readRow(history, 1, rowBuffer(2));
  expect(buffered.atMs).toBe(fresh.atMs);
  expect([...buffered.mean]).toEqual(fresh.mean);
  expect([...buffered.sd]).toEqual(fresh.sd);
});
