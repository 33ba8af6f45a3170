/**
 * Reads an element whose index is in bounds by construction, and throws where it is not after all.
 *
 * One function for each kind of array, on purpose: V8 keeps what it has learned of an indexed read with the
 * function that does it. Of a single kind it becomes the bare load, so the check is free; one function for all
 * kinds would cost thirty times as much.
 */

function outside(length: number, index: number): never {
  throw new RangeError(`there is no element ${index} in ${length}`);
}

/** An element of a list of objects or texts. @throws RangeError outside the list */
export function elementAt<T>(list: readonly T[], index: number): NonNullable<T> {
  const element = list[index];
  return element ?? outside(list.length, index);
}

/** A number of a plain list. @throws RangeError outside the list */
export function numberAt(list: ArrayLike<number>, index: number): number {
  const value = list[index];
  return value !== undefined ? value : outside(list.length, index);
}

/** @throws RangeError outside the column */
export function f64(column: Float64Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the column */
export function f32(column: Float32Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the column */
export function i32(column: Int32Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the column */
export function i16(column: Int16Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the column */
export function u32(column: Uint32Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the column */
export function u16(column: Uint16Array, index: number): number {
  const value = column[index];
  return value !== undefined ? value : outside(column.length, index);
}

/** @throws RangeError outside the bytes */
export function u8(bytes: Uint8Array, index: number): number {
  const value = bytes[index];
  return value !== undefined ? value : outside(bytes.length, index);
}
