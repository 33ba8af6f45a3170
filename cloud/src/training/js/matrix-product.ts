/** C += A·B in three layouts, row-major, at offsets: the loops of the reference backend. */
import { f64 } from "@weir/contracts/elements.ts";

export interface MatrixAt {
  data: Float64Array;
  offset: number;
}

export interface ProductShape {
  rows: number;
  inner: number;
  columns: number;
}

/** C[rows, columns] += A[rows, inner] · B[inner, columns] */
export function addProduct(c: MatrixAt, a: MatrixAt, b: MatrixAt & { shape: ProductShape }): void {
  const { rows, inner, columns } = b.shape;
  const { data: cd } = c;
  const { data: ad } = a;
  const { data: bd } = b;
  for (let i = 0; i < rows; i++) {
    const cRow = c.offset + i * columns;
    for (let k = 0; k < inner; k++) {
      const value = f64(ad, a.offset + i * inner + k);
      if (value === 0) continue;
      const bRow = b.offset + k * columns;
      for (let j = 0; j < columns; j++)
        cd[cRow + j] = f64(cd, cRow + j) + value * f64(bd, bRow + j);
    }
  }
}

/** C[rows, columns] += A[rows, inner] · B[columns, inner]ᵀ */
export function addProductOfTransposed(
  c: MatrixAt,
  a: MatrixAt,
  b: MatrixAt & { shape: ProductShape },
): void {
  const { rows, inner, columns } = b.shape;
  const { data: ad } = a;
  const { data: bd } = b;
  for (let i = 0; i < rows; i++) {
    const aRow = a.offset + i * inner;
    for (let j = 0; j < columns; j++) {
      const bRow = b.offset + j * inner;
      let even = 0;
      let odd = 0;
      let k = 0;
      for (; k + 1 < inner; k += 2) {
        even += f64(ad, aRow + k) * f64(bd, bRow + k);
        odd += f64(ad, aRow + k + 1) * f64(bd, bRow + k + 1);
      }
      if (k < inner) even += f64(ad, aRow + k) * f64(bd, bRow + k);
      const at = c.offset + i * columns + j;
      c.data[at] = f64(c.data, at) + even + odd;
    }
  }
}

/** C[rows, columns] += A[inner, rows]ᵀ · B[inner, columns] */
export function addTransposedProduct(
  c: MatrixAt,
  a: MatrixAt,
  b: MatrixAt & { shape: ProductShape },
): void {
  const { rows, inner, columns } = b.shape;
  const { data: cd } = c;
  const { data: ad } = a;
  const { data: bd } = b;
  for (let k = 0; k < inner; k++) {
    const bRow = b.offset + k * columns;
    for (let i = 0; i < rows; i++) {
      const value = f64(ad, a.offset + k * rows + i);
      if (value === 0) continue;
      const cRow = c.offset + i * columns;
      for (let j = 0; j < columns; j++)
        cd[cRow + j] = f64(cd, cRow + j) + value * f64(bd, bRow + j);
    }
  }
}
