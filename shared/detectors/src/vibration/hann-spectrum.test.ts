import { numberAt } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { seeded } from "../../test/seeded.ts";
import { HannSpectrum } from "./hann-spectrum.ts";

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

test("a sine between two bins keeps its power, A²/2, and nothing is elsewhere", () => {
  const size = 1_024;
  const samples = Float64Array.from(
    { length: size },
    (_, i) => 5 + 2 * Math.sin((2 * Math.PI * 100.37 * i) / size),
  );
  const powers = new HannSpectrum(size).transform(samples);
  expect(sum(powers.subarray(98, 104))).toBeCloseTo(2, 2);
  expect(sum(powers)).toBeCloseTo(2, 2);
  expect(Math.max(...powers.subarray(200))).toBeLessThan(1e-8);
});

test("noise keeps its power, spread over all bins", () => {
  const random = seeded(3);
  const size = 16_384;
  const samples = Float64Array.from({ length: size }, () => random.gaussian());
  const powers = new HannSpectrum(size).transform(samples);
  expect(sum(powers)).toBeGreaterThan(0.95);
  expect(sum(powers)).toBeLessThan(1.05);
});

test("the smallest transform is the definition", () => {
  const samples = [1, -2, 0.5, 4];
  const powers = new HannSpectrum(4).transform(samples);
  const window = [0, 0.5, 1, 0.5];
  const mean = sum(samples) / 4;
  const direct = [0, 1, 2].map((k) => {
    let re = 0;
    let im = 0;
    samples.forEach((x, i) => {
      re += (x - mean) * numberAt(window, i) * Math.cos((2 * Math.PI * k * i) / 4);
      im -= (x - mean) * numberAt(window, i) * Math.sin((2 * Math.PI * k * i) / 4);
    });
    return ((re * re + im * im) * (k === 1 ? 2 : 1)) / (4 * 1.5);
  });
  direct.forEach((power, k) => {
    expect(powers[k]).toBeCloseTo(power, 12);
  });
});
