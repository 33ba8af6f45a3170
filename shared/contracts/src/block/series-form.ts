/** Forms of a series, and the variance that its residuals start from. */

export const constant = 0;
export const levelled = 1;
export const calm = 2;
export const jumpy = 3;
export const formBits = 2;

/** Series from this length on carry a hint. */
export const hintedLength = 12;

/** Weight of the variance at first, in residuals: hinted, and learned from like series. */
const hintDegrees = 16;
const classDegrees = 2;

/** A hint h stands for a variance of 2^(h − hintZero) steps². */
export const hintBits = 5;
const hintZero = 8;

const varianceOf = (hint: number): number =>
  hint >= hintZero ? 2 ** (hint - hintZero) : 1 / 2 ** (hintZero - hint);

export const hintOf = (variance: number): number => {
  const exact = Math.round(Math.log2(variance)) + hintZero;
  return Math.max(0, Math.min((1 << hintBits) - 1, exact));
};

/** Variance at first, and its weight in residuals: by `hint`, or as like series had. */
export const startOf = (
  count: number,
  hint: number,
  ofClass: number,
): { variance: number; degrees: number } =>
  count >= hintedLength
    ? { variance: varianceOf(hint), degrees: hintDegrees }
    : { variance: ofClass, degrees: classDegrees };
