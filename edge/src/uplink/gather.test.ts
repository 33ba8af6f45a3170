import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Gather, readingsPerBlockMax } from "./gather.ts";
import { Thinner, thinKeepEvery, thinSurroundingsMs } from "./thin.ts";

const batchOf = (readings: readonly { tag: number; timeMs: number }[]) => ({
  tags: Uint16Array.from(readings, (r) => r.tag),
  timesMs: Float64Array.from(readings, (r) => r.timeMs),
  values: Float64Array.from(readings, (_, i) => i),
  qualities: new Uint8Array(readings.length),
});

test("every reading is in exactly one column, its tag's, in the order of time", () => {
  const reading = fc.record({ tag: fc.nat(4), timeMs: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(fc.array(reading)), (batches) => {
      const gather = new Gather(5);
      const all = batches.flat();
      for (const batch of batches) gather.take(batchOf(batch), 0);
      expect(gather.count).toBe(all.length);
      const columns = gather.drain();
      expect(columns.flatMap((c) => [...c.timesMs].map((t) => `${c.tag} ${t}`)).sort()).toEqual(
        all.map((r) => `${r.tag} ${r.timeMs}`).sort(),
      );
      for (const { timesMs } of columns)
        expect([...timesMs]).toEqual([...timesMs].sort((a, b) => a - b));
      expect(gather.count).toBe(0);
      expect(gather.drain()).toEqual([]);
    }),
  );
});

test("a block never holds more than its limit; the rest goes into the next", () => {
  const gather = new Gather(1);
  const many = batchOf(
    Array.from({ length: readingsPerBlockMax + 10 }, () => ({ tag: 0, timeMs: 1 })),
  );
  expect(gather.take(many, 0)).toBe(readingsPerBlockMax);
  gather.drain();
  expect(gather.take(many, readingsPerBlockMax)).toBe(readingsPerBlockMax + 10);
  expect(gather.count).toBe(10);
});

describe("filter policy", () => {
  const column = (from: number, count: number, quality = 0) => ({
    tag: 0,
    timesMs: Float64Array.from({ length: count }, (_, i) => (from + i) * 1_000),
    values: new Float64Array(count),
    qualities: new Uint8Array(count).fill(quality),
  });

  test("all keeps all", () => {
    expect(new Thinner([FilterPolicy.ALL]).apply([column(0, 50)])).toMatchObject({ thinned: 0 });
  });

  test("thin keeps every n-th, and all around an alert or a change of quality", () => {
    const thinner = new Thinner([FilterPolicy.THIN]);
    expect(thinner.apply([column(0, 100)]).thinned).toBe(100 - 100 / thinKeepEvery);
    thinner.noteAlert(0, true, 100_000);
    expect(thinner.apply([column(100, 50)]).thinned).toBe(0);
    thinner.noteAlert(0, false, 150_000);
    expect(thinner.apply([column(150, thinSurroundingsMs / 1_000)]).thinned).toBe(0);
    expect(thinner.apply([column(210, 10)]).thinned).toBe(9);
    expect(thinner.apply([column(220, 1, 2)]).thinned).toBe(0);
  });

  test("summary keeps one a pane", () => {
    const thinner = new Thinner([FilterPolicy.SUMMARY]);
    const { columns, thinned } = thinner.apply([column(0, 20)]);
    expect([...(columns[0]?.timesMs ?? [])]).toEqual([0, 5_000, 10_000, 15_000]);
    expect(thinned).toBe(16);
  });
});
