import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostsMax, parseHosts, parseNumbers } from "./ranges.ts";

const units = { what: "unit", min: 0, max: 255 };

describe("numbers", () => {
  test.each([
    ["1-3,7", [1, 2, 3, 7]],
    ["5,5,4-5", [5, 4]],
    [" 0 - 1 ", [0, 1]],
  ])("%s", (text, values) => {
    expect(parseNumbers(text, units)).toEqual({ ok: true, values });
  });

  test.each(["", "3-1", "256", "1-", "a", "1;2"])('"%s" is refused in a sentence', (text) => {
    const result = parseNumbers(text, units);
    expect(result.ok ? "" : result.text).toMatch(/^".*" is no unit; /);
  });
});

describe("hosts", () => {
  test.each([
    ["10.0.8.10-12", ["10.0.8.10", "10.0.8.11", "10.0.8.12"]],
    ["10.0.8.1,plc-d.local", ["10.0.8.1", "plc-d.local"]],
    ["10.0.8.17/30", ["10.0.8.17", "10.0.8.18"]],
    ["10.0.8.17/32", ["10.0.8.17"]],
    ["10.0.255.254/31", ["10.0.255.254", "10.0.255.255"]],
  ])("%s", (text, values) => {
    expect(parseHosts(text)).toEqual({ ok: true, values });
  });

  test.each(["", "10.0.8.300", "10.0.8.9-4", "10.0.8.0/40", "a b", "10.0.8.0/8"])(
    '"%s" is refused in a sentence',
    (text) => {
      expect(parseHosts(text)).toMatchObject({ ok: false, text: expect.stringContaining(text) });
    },
  );

  test("whatever is written, no more than can be scanned comes of it", () => {
    const piece = fc.constantFrom("10.0.0.0", "/", "24", "16", "-", "9", ",", "a", ".");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const result = parseHosts(pieces.join(""));
        if (result.ok) expect(result.values.length).toBeLessThanOrEqual(hostsMax);
      }),
    );
  });
});
