import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPattern } from "./pattern-cost.ts";

const lengthMax = 256;

describe("expressions that any line is quick to try", () => {
  test.each([
    [String.raw`^\$WQ,D11,CL,(?<cl>[-\d.]+)`, ["cl"]],
    [String.raw`^\$WQ,(?<stage>\w+),CL,(?<v>[-\d.]+),mg\/L,(?<st>\w+)$`, ["stage", "v", "st"]],
    ["^(?:[^,]*,){3}(?<v>[^,]*)", ["v"]],
    [String.raw`^\s*T=\s*(?<t>[-+]?\d+(?:\.\d+)?) *C`, ["t"]],
    [String.raw`CL (?<cl>\d+\.\d+) mg`, ["cl"]],
    [String.raw`^.*?pH (?<ph>[\d.]+)`, ["ph"]],
    ["^(?:CL,(?<cl>[^,]*)|PH,(?<ph>[^,]*)),", ["cl", "ph"]],
    [String.raw`^\x02(?<v>[ \d.]{8})\b`, ["v"]],
    ["^(?:,[^,]*)*$", []],
  ])("%s", (source, groups) => {
    expect(checkPattern(source, lengthMax)).toEqual({ ok: true, groups });
  });
});

describe("expressions that one line could hold the agent up with", () => {
  test.each([
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|ab)*c",
    String.raw`^(\w+\s?)*$`,
    "^(?:.*,){5}(?<v>.*)$",
    String.raw`.*,.*,.*,(?<v>\d+)`,
    String.raw`^\d*\d*\d*\d*x`,
    "^(?:a?){30}a{30}",
    String.raw`(?<v>\d+).*OK`,
  ])("%s", (source) => {
    const check = checkPattern(source, lengthMax);
    expect(check).toMatchObject({ ok: false });
    expect(check.ok ? "" : check.text).toMatch(/^could take too long on a line of 256 characters/);
  });

  test.each([
    ["(?=a)b", 'looks ahead or behind at "(?=a", which is not allowed here'],
    ["(?<!a)b", 'looks ahead or behind at "(?<!", which is not allowed here'],
    [String.raw`^(a)\1`, String.raw`"\1" refers back`],
    ["(", "is no regular expression: /(/: Unterminated group"],
    ["^µ", undefined],
    ["^→", 'holds "→", which no byte of a line can be'],
  ])("%s", (source, text) => {
    const check = checkPattern(source, lengthMax);
    expect(check).toEqual(text === undefined ? { ok: true, groups: [] } : { ok: false, text });
  });
});

test("no expression that is accepted takes long on lines made to hold it up", () => {
  const atom = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "c");
  const quantifier = fc.constantFrom("", "*", "+", "?", "{2}", "{0,3}");
  const { source } = fc.letrec<{ source: string; item: string }>((tie) => ({
    item: fc.oneof(
      { depthSize: "small" },
      fc.tuple(atom, quantifier).map(([a, q]) => a + q),
      fc.tuple(tie("source"), quantifier).map(([s, q]) => `(?:${s})${q}`),
      fc.tuple(tie("source"), tie("source")).map(([a, b]) => `(?:${a}|${b})`),
    ),
    source: fc.array(tie("item"), { minLength: 1, maxLength: 4 }).map((items) => items.join("")),
  }));
  const lines = [
    "a".repeat(200),
    "ab".repeat(100),
    "aab".repeat(66),
    `${"a".repeat(100)}${"b".repeat(99)}`,
  ];
  fc.assert(
    fc.property(source, (text) => {
      const pattern = `^${text}x`;
      if (!checkPattern(pattern, 200).ok) return;
      const expression = new RegExp(pattern);
      // Two million steps are some milliseconds; an expression that explodes would not end within this run.
      for (const line of lines) expect(expression.test(line)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});
