export const medianCount = 7;

const scratch = new Float64Array(medianCount);

/** Median of the 7 values that begin at `values[at]`, which stay as they are. */
export function medianOf7(values: Float64Array, at: number): number {
  for (let i = 0; i < medianCount; i++) {
    const value = values[at + i]!;
    let j = i;
    while (j > 0 && scratch[j - 1]! > value) {
      scratch[j] = scratch[j - 1]!;
      j--;
    }
    scratch[j] = value;
  }
  return scratch[3]!;
}
