import { numberAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function split(chunks: readonly string[], delimiter = "\n", lengthMax = 16) {
  const lines: string[] = [];
  const splitter = new LineSplitter(delimiter, lengthMax, { onLine: (line) => lines.push(line) });
  for (const chunk of chunks) splitter.push(bytesOf(chunk));
  return { lines, discardedBytes: splitter.discardedBytes };
}

test("lines, empty ones aside, without the line ends of other habits", () => {
  expect(split(["a\r\nb\n\n\r\nc\r\n"]).lines).toEqual(["a", "b", "c"]);
  expect(split(["a;;b;c;;"], ";;").lines).toEqual(["a", "b;c"]);
  expect(split(["a\n\rb\n\r"], "\r").lines).toEqual(["a", "b"]);
});

test("a line too long is dropped to its end and counted", () => {
  expect(split(["x".repeat(16), "\nok\n"]).lines).toEqual(["x".repeat(16), "ok"]);
  expect(split(["x".repeat(17), "\nok\n"])).toEqual({ lines: ["ok"], discardedBytes: 18 });
  expect(split(["x".repeat(1_000), "tail\nok\n"])).toEqual({
    lines: ["ok"],
    discardedBytes: 1_005,
  });
  expect(split([`${"x".repeat(40)}\r`, "\nok\r\n"], "\r\n")).toEqual({
    lines: ["ok"],
    discardedBytes: 42,
  });
});

test("any chunking gives the same lines, and every byte is in a line, a delimiter or discarded", () => {
  const alphabet = fc.constantFrom("a", "b", ";", ":", "\r");
  fc.assert(
    fc.property(
      fc.string({ unit: alphabet, maxLength: 200 }),
      fc.array(fc.nat(200)),
      (text, cuts) => {
        const whole = split([text], ";:", 5);
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort(
          (a, b) => a - b,
        );
        const chunks = at.slice(1).map((to, i) => text.slice(numberAt(at, i), to));
        expect(split(chunks, ";:", 5)).toEqual(whole);
        for (const line of whole.lines) expect(line.length).toBeLessThanOrEqual(5);
      },
    ),
    { numRuns: 300 },
  );
});
