import fc from "fast-check";
import { expect, test } from "vitest";
import { SampleRing } from "./sample-ring.ts";

test("holds the newest instants, oldest first, whatever the pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 20 }), (pieces) => {
      const ring = new SampleRing(10);
      const all: number[] = [];
      for (const count of pieces) {
        const piece = Array.from({ length: 3 * count }, (_, i) => all.length + i);
        all.push(...piece);
        ring.push(Int16Array.from(piece));
      }
      const bytes = ring.bytes();
      const view = new DataView(bytes.buffer);
      const held = Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i, true));
      expect(held).toEqual(all.slice(-30));
      expect(ring.count).toBe(held.length / 3);
    }),
  );
});

test("forgets what lies before a gap", () => {
  const ring = new SampleRing(10);
  ring.push(Int16Array.of(1, 2, 3));
  ring.clear();
  ring.push(Int16Array.of(-4, 5, 6));
  expect([...ring.bytes()]).toEqual([0xfc, 0xff, 5, 0, 6, 0]);
});
