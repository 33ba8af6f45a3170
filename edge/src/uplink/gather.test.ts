import fc from "fast-check";
import { expect, test } from "vitest";
import { Gather, readingsPerBlockMax } from "./gather.ts";

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
