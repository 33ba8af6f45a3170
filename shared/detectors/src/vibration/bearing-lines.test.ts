import { expect, test } from "vitest";
import { bearingOrders } from "./bearing-lines.ts";

test("a 6205 at 1480 turns a minute has the published lines", () => {
  const orders = bearingOrders({ balls: 9, ball: 7.94, pitch: 39.04, angle: 0 });
  // CWRU Bearing Data Center, drive end bearing 6205-2RS JEM SKF: 3.5848 and 5.4152.
  expect(orders.bpfo).toBeCloseTo(3.5848, 3);
  expect(orders.bpfi).toBeCloseTo(5.4152, 3);
  const hz = Object.values(orders).map((order) => (order * 1_480) / 60);
  expect(hz.map((f) => Number(f.toFixed(2)))).toEqual([88.42, 133.58, 58.13, 9.82]);
});

test("each ball passes both rings once while the cage turns: the two orders add up to the balls", () => {
  const orders = bearingOrders({ balls: 13, ball: 17.5, pitch: 92.8, angle: 25 });
  expect(orders.bpfo + orders.bpfi).toBeCloseTo(13, 12);
  expect(orders.ftf * 13).toBeCloseTo(orders.bpfo, 12);
});
