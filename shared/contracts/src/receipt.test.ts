import { expect, test } from "vitest";
import { receiptDigest } from "./receipt.ts";

const items = [
  { sequence: 1, print: 0xdeadbeef },
  { sequence: 2, print: 7 },
];

test("a receipt fits the very items in their order, and no others", () => {
  const digest = receiptDigest(items);
  expect(digest).toMatch(/^\d+$/);
  expect(receiptDigest([...items])).toBe(digest);
  expect(receiptDigest([...items].reverse())).not.toBe(digest);
  expect(receiptDigest(items.slice(0, 1))).not.toBe(digest);
  expect(
    receiptDigest([
      { sequence: 1, print: 0xdeadbeee },
      { sequence: 2, print: 7 },
    ]),
  ).not.toBe(digest);
  expect(receiptDigest([])).toBe(receiptDigest([]));
});
