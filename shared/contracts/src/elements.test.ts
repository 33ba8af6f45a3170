import { expect, test } from "vitest";
import { elementAt, f32, f64, i16, i32, numberAt, u8, u16, u32 } from "./elements.ts";
import { present } from "./present.ts";

const readers: [name: string, read: (index: number) => unknown][] = [
  ["elementAt", (i) => elementAt(["a", "b"], i)],
  ["numberAt", (i) => numberAt([1, 2], i)],
  ["f64", (i) => f64(Float64Array.of(1, 2), i)],
  ["f32", (i) => f32(Float32Array.of(1, 2), i)],
  ["i32", (i) => i32(Int32Array.of(1, 2), i)],
  ["i16", (i) => i16(Int16Array.of(1, 2), i)],
  ["u32", (i) => u32(Uint32Array.of(1, 2), i)],
  ["u16", (i) => u16(Uint16Array.of(1, 2), i)],
  ["u8", (i) => u8(Uint8Array.of(1, 2), i)],
];

test.each(readers)(
  "%s reads within, and throws outside, between and beside the list",
  (_, read) => {
    expect(read(0)).toBeDefined();
    expect(read(1)).toBeDefined();
    for (const index of [-1, 2, 0.5, Number.NaN]) {
      expect(() => read(index)).toThrow(new RangeError(`there is no element ${index} in 2`));
    }
  },
);

test("nought, NaN, false and an empty text are elements", () => {
  expect(f64(Float64Array.of(0, Number.NaN), 0)).toBe(0);
  expect(f64(Float64Array.of(0, Number.NaN), 1)).toBeNaN();
  expect(elementAt([false, ""], 0)).toBe(false);
  expect(present("")).toBe("");
  expect(() => present(undefined)).toThrow(TypeError);
});
