import { f64 } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { Daubechies4 } from "./daubechies-4.ts";

/** Every value of a residue class once, in disorder: no chance involved. */
const scrambled = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => ((i * 7_919) % 1_009) / 1_009 - 0.5);

test("energies are those of PyWavelets 1.8: wavedec(x, 'db4', mode='periodization', level=6)", () => {
  const energies = new Float64Array(6);
  new Daubechies4(1_024, 6).energies(scrambled(1_024), energies);
  const golden = [
    0.026350482065095215, 0.044896229099236684, 0.01097981868521753, 0.0008917739956504606,
    0.00032213415020584176, 1.8058117813816722e-5,
  ];
  golden.forEach((energy, level) => {
    expect(f64(energies, level) / energy).toBeCloseTo(1, 12);
  });
});

test("energies of all levels and of what is left add up to the signal's", () => {
  const signal = scrambled(1_024);
  const energies = new Float64Array(6);
  new Daubechies4(1_024, 6).energies(signal, energies);
  const total = signal.reduce((sum, x) => sum + x * x, 0) / signal.length;
  const rest = 6.634398729800809e-5; // PyWavelets' approximation of the same signal
  expect(energies.reduce((a, b) => a + b, 0) + rest).toBeCloseTo(total, 12);
});

test("a tone shows in the octave it lies in", () => {
  const energies = new Float64Array(6);
  for (const [hz, level] of [
    [350, 1],
    [180, 2],
    [90, 3],
    [22, 5],
  ] as const) {
    const tone = Float64Array.from({ length: 1_024 }, (_, i) =>
      Math.sin(2 * Math.PI * hz * i * 1e-3),
    );
    new Daubechies4(1_024, 6).energies(tone, energies);
    expect(energies.indexOf(Math.max(...energies))).toBe(level - 1);
  }
});
