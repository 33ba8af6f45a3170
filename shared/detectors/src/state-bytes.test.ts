import { u8 } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { packState, unpackState } from "./state-bytes.ts";

const state = Float64Array.of(1.5, -2, Number.MAX_VALUE);

test("what was packed comes back to the bit", () => {
  const back = new Float64Array(3);
  expect(unpackState("a/1", packState("a/1", state), back)).toBe(true);
  expect(back).toEqual(state);
});

test("every single flipped bit, and every cut, is noticed", () => {
  const packed = packState("a/1", state);
  const back = new Float64Array(3);
  for (let bit = 0; bit < 8 * packed.length; bit++) {
    const damaged = packed.slice();
    damaged[bit >> 3] = u8(damaged, bit >> 3) ^ (1 << (bit & 7));
    expect(unpackState("a/1", damaged, back)).toBe(false);
  }
  for (let end = 0; end < packed.length; end++)
    expect(unpackState("a/1", packed.subarray(0, end), back)).toBe(false);
  expect(back).toEqual(new Float64Array(3));
});

test("another kind or version is refused", () => {
  expect(unpackState("a/2", packState("a/1", state), new Float64Array(3))).toBe(false);
});

test("the bytes: signature, length, state, checksum", () => {
  const packed = packState("a/1", Uint8Array.of(7));
  expect(Buffer.from(packed).toString("hex")).toMatchInlineSnapshot(`"18f38de701000000076ee935a6"`);
});
