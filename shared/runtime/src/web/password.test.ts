import { expect, test } from "vitest";
import { hashPassword, passwordFlaw, verifyPassword } from "./password.ts";

test.each([
  ["short", /has 5 characters; give at least 10/],
  ["x".repeat(201), /at most 200/],
  ["aaaaaaaaaaaa", /repeats the same few/],
  ["1212121212", /repeats the same few/],
  ["Password123!", /first that are guessed/],
  ["passw0rd2026", /first that are guessed/],
  ["P@ssword1234", /first that are guessed/],
  ["adminadmin12", /first that are guessed/],
  ["1234567890", /run of neighbouring/],
  ["0987654321", /run of neighbouring/],
  ["abcdefghijkl", /run of neighbouring/],
  ["poiuytrewq", /run of neighbouring/],
  ["ada.lovelace1", /contains the user name/],
  ["seven green herons", undefined],
])("%s", (password, flaw) => {
  const text = passwordFlaw(password, "ada");
  if (flaw) expect(text).toMatch(flaw);
  else expect(text).toBeUndefined();
});

test("a hash verifies its own password only, and damage never throws", async () => {
  const stored = await hashPassword("crème brûlée", new Uint8Array(16));
  expect(stored).toMatch(/^scrypt\$32768\$8\$1\$A{22}\$[\w-]{43}$/);
  expect(await verifyPassword("cre\u0300me bru\u0302le\u0301e", stored)).toBe(true);
  expect(await verifyPassword("creme brulee", stored)).toBe(false);
  for (const bad of ["", "x", "scrypt$1", "bcrypt$1$2$3$4$5"])
    expect(await verifyPassword("x", bad)).toBe(false);
});
