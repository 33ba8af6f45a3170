import { f32 } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { daySteps, movePattern, takeOutPattern } from "./daily-pattern.ts";
import { modelDef } from "./model-def.ts";

const def = modelDef({ channels: 2, window: 96, hidden: 4, bottleneck: 2 });
const hourMs = 3_600_000;

/** Day and night on the first channel, a ramp on the second. */
const window = Float32Array.from({ length: 192 }, (_, i) => {
  const hour = i >> 1;
  return i % 2 === 0 ? 3 + Math.sin((2 * Math.PI * hour) / 24) : hour / 96;
});

test("a window of three or more whole days has a daily pattern, others have none", () => {
  expect(daySteps({ window: 168 }, hourMs)).toBe(24);
  expect(daySteps({ window: 48 }, hourMs)).toBe(0);
  expect(daySteps({ window: 100 }, hourMs)).toBe(0);
  expect(daySteps({ window: 168 }, 7 * hourMs)).toBe(0);
});

test("day and night go, level and the trend from day to day stay, and all of it comes back", () => {
  const plain = window.slice();
  const pattern = takeOutPattern(def, plain, 24);
  const mean = (day: number, channel: number): number => {
    let sum = 0;
    for (let hour = 24 * day; hour < 24 * day + 24; hour++)
      sum += f32(plain, 2 * hour + channel) / 24;
    return sum;
  };
  for (let i = 0; i < plain.length; i += 2) expect(plain[i]).toBeCloseTo(3, 5);
  expect(mean(3, 1) - mean(0, 1)).toBeCloseTo(0.75, 5);
  movePattern(def, plain, { pattern, steps: 24, sign: 1 });
  plain.forEach((value, i) => {
    expect(value).toBeCloseTo(f32(window, i), 5);
  });
});
