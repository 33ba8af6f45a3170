import { expect, test } from "vitest";
import { PhSolver, solvePh } from "./carbonate.ts";

// Change of alkalinity (meq/L) of the influent (Alk 7, CT 7.99) → pH.
const titration: [change: number, ph: number][] = [
  [0, 7.2],
  [-3, 6.35],
  [-5, 5.87],
  [-6, 5.51],
  [-6.5, 5.18],
  [-6.8, 4.79],
  [-7, 4.23],
  [-8, 3.0],
  [1, 8.36],
  [2, 9.48],
  [4, 10.08],
  [6, 10.49],
];

test.each(titration)("alkalinity changed by %s meq/L gives pH %s", (change, ph) => {
  expect(solvePh(7 + change, 7.99)).toBeCloseTo(ph, 1);
});

test("following a water down the cliff and back stays within 0.001 of the plain solution", () => {
  const solver = new PhSolver();
  for (let i = 0; i <= 4_000; i++) {
    const alk = 7 - 9 * Math.sin((Math.PI * i) / 4_000);
    expect(solver.of(alk, 7.99), `alkalinity ${alk}`).toBeCloseTo(solvePh(alk, 7.99), 2);
  }
});
