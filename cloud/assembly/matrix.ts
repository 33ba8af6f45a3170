/**
 * One matrix product for all layouts: the right side is packed into panels of eight columns, the
 * left side is read through two strides, so that A·B and Aᵀ·B are the same loop.
 */
import { at } from "./arena";

/** a·b + c, in one rounding where the machine's relaxed SIMD has it. */
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Packs B[inner, columns] (element (k, j) at k·rowStep + j·columnStep) into panels; columns % 8 = 0. */
export function pack(
  into: usize,
  from: usize,
  inner: i32,
  columns: i32,
  rowStep: i32,
  columnStep: i32,
): void {
  let to = into;
  for (let panel: i32 = 0; panel < columns; panel += 8) {
    for (let k: i32 = 0; k < inner; k++) {
      let source = at(from, k * rowStep + panel * columnStep);
      if (columnStep === 1) {
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
      } else {
        for (let j: usize = 0; j < 8; j++) {
          f32.store(to + (j << 2), f32.load(source));
          source = at(source, columnStep);
        }
      }
      to += 32;
    }
  }
}

/** C[rows, columns] += A·B with B packed; A's element (i, k) at i·rowStep + k·innerStep; rows % 4 = 0. */
export function addProduct(
  c: usize,
  a: usize,
  packed: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  rowStep: i32,
  innerStep: i32,
): void {
  const cRow = (<usize>columns) << 2;
  const aRow = (<usize>rowStep) << 2;
  const aStep = (<usize>innerStep) << 2;
  for (let j: i32 = 0; j < columns; j += 8) {
    const panel = at(packed, j * inner);
    for (let i: i32 = 0; i < rows; i += 4) {
      const c0 = at(c, i * columns + j);
      const c1 = c0 + cRow;
      const c2 = c1 + cRow;
      const c3 = c2 + cRow;
      let s00 = v128.load(c0);
      let s01 = v128.load(c0, 16);
      let s10 = v128.load(c1);
      let s11 = v128.load(c1, 16);
      let s20 = v128.load(c2);
      let s21 = v128.load(c2, 16);
      let s30 = v128.load(c3);
      let s31 = v128.load(c3, 16);
      let a0 = at(a, i * rowStep);
      let b = panel;
      for (let k: i32 = 0; k < inner; k++) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const x0 = v128.load32_splat(a0);
        const x1 = v128.load32_splat(a0 + aRow);
        const x2 = v128.load32_splat(a0 + 2 * aRow);
        const x3 = v128.load32_splat(a0 + 3 * aRow);
        s00 = multiplyAdd(x0, b0, s00);
        s01 = multiplyAdd(x0, b1, s01);
        s10 = multiplyAdd(x1, b0, s10);
        s11 = multiplyAdd(x1, b1, s11);
        s20 = multiplyAdd(x2, b0, s20);
        s21 = multiplyAdd(x2, b1, s21);
        s30 = multiplyAdd(x3, b0, s30);
        s31 = multiplyAdd(x3, b1, s31);
        a0 += aStep;
        b += 32;
      }
      v128.store(c0, s00);
      v128.store(c0, s01, 16);
      v128.store(c1, s10);
      v128.store(c1, s11, 16);
      v128.store(c2, s20);
      v128.store(c2, s21, 16);
      v128.store(c3, s30);
      v128.store(c3, s31, 16);
    }
  }
}

/** Every row of C[rows, columns] becomes `row`. */
export function fillRows(c: usize, row: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let i: i32 = 0; i < rows; i++) memory.copy(c + <usize>i * bytes, row, bytes);
}

/** sums[columns] += the rows of C. */
export function addColumnSums(sums: usize, c: usize, rows: i32, columns: i32): void {
  for (let j: i32 = 0; j < columns; j += 4) {
    let sum = v128.load(at(sums, j));
    for (let i: i32 = 0; i < rows; i++) sum = f32x4.add(sum, v128.load(at(c, i * columns + j)));
    v128.store(at(sums, j), sum);
  }
}
