import { f64, numberAt } from "../elements.ts";

/*
  The distribution of a residual: Student's t, location and scale real numbers, integrated over the
  integers. Tables and arithmetic use only + − × ÷ of float64, which IEEE 754 fixes to the last bit,
  so that encoder and decoder agree on every machine.

  A symbol is the residual's bin around the rounded mean. Bins are one step wide while the scale is
  small and 2^shift wide when it is large (the low bits are then coded direct: they are as good as
  uniform). Symbols ±windowMax stand for everything beyond and are followed by an escape code.
*/

/** Total of the cumulative counts. */
export const cdfUnits = 65536;

/** Symbols run from −windowMax to windowMax. */
export const windowMax = 120;

/** Every symbol keeps one unit, so none is impossible; the distribution shares the others. */
const sharedUnits = cdfUnits - 2 * windowMax - 1;

/** Scale, in steps, above which bins are widened. */
const scaleMax = 12;

const shiftMax = 24;

/** Exponents k of (1 + z²/ν)^−k, ν = 2k − 1. */
const exponents = [1, 2, 3, 4, 6, 8, 12, 16];

/** A shape is an index here: 0 has the heaviest tails (Cauchy). */
export const shapeCount = exponents.length;

/** The shape with the most degrees of freedom that are at most `degrees`. */
export const shapeOf = (degrees: number): number => {
  let shape = shapeCount - 1;
  while (shape > 0 && 2 * numberAt(exponents, shape) - 1 > degrees) shape--;
  return shape;
};

/** Table: z from −zMax to zMax. */
const zMax = 16;
const perUnit = 64;
const rowLength = 2 * zMax * perUnit + 2;

const table = buildTable();
const guesses = buildGuesses();

function buildTable(): Float64Array {
  const cdf = new Float64Array(shapeCount * rowLength);
  for (const [shape, exponent] of exponents.entries()) {
    const row = cdf.subarray(shape * rowLength, (shape + 1) * rowLength);
    for (let i = 1; i < rowLength; i++) {
      // Simpson over four sub-steps of each table step.
      let area = 0;
      for (let part = 0; part < 4; part++) {
        const z = (i - 1 + part / 4) / perUnit - zMax;
        const h = 1 / (4 * perUnit);
        area += density(z, exponent) + 4 * density(z + h / 2, exponent) + density(z + h, exponent);
      }
      row[i] = f64(row, i - 1) + area;
    }
    // Tails beyond the table are folded into the ends: ∫ ≈ z·density/(ν) for a power law.
    const unitArea = 6 * 4 * perUnit;
    const tail = (zMax * density(zMax, exponent) * unitArea) / (2 * exponent - 1);
    const total = f64(row, rowLength - 1) + 2 * tail;
    for (let i = 0; i < rowLength; i++) row[i] = (f64(row, i) + tail) / total;
  }
  return cdf;
}

function density(z: number, exponent: number): number {
  const base = 1 + (z * z) / (2 * exponent - 1);
  let power = 1;
  for (let i = 0; i < exponent; i++) power *= base;
  return 1 / power;
}

function buildGuesses(): Float64Array {
  const z = new Float64Array(shapeCount * 256);
  for (let shape = 0; shape < shapeCount; shape++) {
    let i = 0;
    for (let slot = 0; slot < 256; slot++) {
      while (i < rowLength - 2 && f64(table, shape * rowLength + i) < (slot + 0.5) / 256) i++;
      z[shape * 256 + slot] = i / perUnit - zMax;
    }
  }
  return z;
}

/** Units below the bin whose lower edge lies `z` scales from the mean. */
export function cumulative(symbol: number, z: number, shape: number): number {
  if (symbol <= -windowMax) return 0;
  if (symbol > windowMax) return cdfUnits;
  const row = shape * rowLength;
  const u = (z + zMax) * perUnit;
  let share: number;
  if (u <= 0) share = f64(table, row);
  else if (u >= rowLength - 2) share = f64(table, row + rowLength - 1);
  else {
    const i = u | 0;
    const left = f64(table, row + i);
    share = left + (u - i) * (f64(table, row + i + 1) - left);
  }
  return ((share * sharedUnits) | 0) + symbol + windowMax;
}

/** About where, in scales from the mean, `target` units are reached. */
export const quantileGuess = (target: number, shape: number): number =>
  f64(guesses, shape * 256 + (target >> 8));

/** Low bits of a residual that are coded direct at `scale`. */
export const shiftOf = (scale: number): number =>
  scale <= scaleMax ? 0 : Math.min(shiftMax, 32 - Math.clz32(Math.min(scale / scaleMax, 2 ** 31)));

/** The symbol of `value`, its share of `cdfUnits`, and how many low bits follow it. */
export function residualUnits(
  value: number,
  mean: number,
  scale: number,
  shape: number,
): { symbol: number; shift: number; units: number } {
  const centre = Math.floor(mean + 0.5);
  const shift = shiftOf(scale);
  const step = 1 << shift;
  const half = step >> 1;
  const offset = centre - mean - 0.5 - half;
  const bin = Math.floor((value - centre + half) / step);
  const symbol = Math.max(-windowMax, Math.min(windowMax, bin));
  const from = cumulative(symbol, (symbol * step + offset) / scale, shape);
  const to = cumulative(symbol + 1, ((symbol + 1) * step + offset) / scale, shape);
  return { symbol, shift, units: to - from };
}
