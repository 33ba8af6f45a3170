import { expect, test } from "vitest";
import { Membrane } from "./membrane.ts";
import { Thickener } from "./thickener.ts";

function daysUntil(step: () => boolean): number {
  for (let minute = 1; minute < 60 * 1440; minute++) if (step()) return minute / 1440;
  return Number.POSITIVE_INFINITY;
}

test("a healthy thickener holds its blanket at 1.17 ± 0.05 m", () => {
  const thickener = new Thickener();
  for (let minute = 0; minute < 20 * 1440; minute++) {
    thickener.step({ lossPerDay: 0, feed: 1, dtS: 60 });
  }
  expect(thickener.blanketM).toBeGreaterThan(1.12);
  expect(thickener.blanketM).toBeLessThan(1.22);
});

// Day on which the overflow fails.
test.each([
  [0.04, 13],
  [0.06, 10],
  [0.08, 9],
])("a thickener that loses %s of its compaction a day fails about day %s", (rate, day) => {
  const thickener = new Thickener();
  const failed = daysUntil(() => {
    thickener.step({ lossPerDay: rate, feed: 1, dtS: 60 });
    return thickener.overflowSolids > 1;
  });
  expect(Math.abs(failed - day)).toBeLessThan(1.3);
});

test("at 0.06 a day the blanket is 0.23 m higher and the underflow 18 % thinner by day 3", () => {
  const thickener = new Thickener();
  const before = thickener.blanketM;
  for (let minute = 0; minute < 3 * 1440; minute++) {
    thickener.step({ lossPerDay: 0.06, feed: 1, dtS: 60 });
  }
  expect(thickener.blanketM - before).toBeCloseTo(0.23, 1);
  expect(thickener.underflowSolids / 55).toBeCloseTo(0.82, 2);
});

// Days to 15 kPa and to the pressure jump, from a clean membrane.
test.each([
  [0.0139, 15, 23],
  [0.0185, 12, 17],
  [0.0247, 9, 13],
])("a membrane with k = %s reaches 15 kPa on day %s and jumps on day %s", (k, rises, jumps) => {
  const membrane = new Membrane();
  membrane.fouling = 0;
  let pressure = 0;
  const step = () => {
    pressure = membrane.step({ k, flow: 1, temperature: 15, dtS: 60 });
  };
  step();
  expect(pressure).toBeCloseTo(10.7, 1);
  const at15 = daysUntil(() => {
    step();
    return pressure > 15;
  });
  const at50 =
    at15 +
    daysUntil(() => {
      step();
      return pressure > 50;
    });
  expect(Math.abs(at15 - rises)).toBeLessThan(1);
  expect(Math.abs(at50 - jumps)).toBeLessThan(1.5);
});
