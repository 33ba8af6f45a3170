import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseYaml, readYamlFile } from "./yaml-source.ts";

const complain = (text: string): string[] => {
  const result = parseYaml("a.yaml", text);
  return result.ok ? [] : result.problems.map((p) => `${p.line}:${p.column} ${p.text}`);
};

describe("a broken document ends in one sentence with line and column", () => {
  test.each([
    ["duplicate key", "a: 1\na: 2\n", /^2:1 "a" is given twice/],
    ["tab", "a:\n\tb: 1\n", /^2:1 a tab is used to indent/],
    ["bad indentation", "a:\n  b: 1\n c: 2\n", /^3:\d this line starts in another column/],
    ["open list", "a: [1,2\nb: 3\n", /^2:1 a list or table opened/],
    ["open table", "{", /^1:2 a list or table opened/],
    ["open quote", 'x: "ok"\na: "x\nb: 2\n', /^2:4 a text opened with " is never closed/],
    ["value and table", "a: 1\n  b: 2\n", /^1:4 a second "key:"/],
    ["colon in a text", "a: b: c\n", /^1:4 a second "key:"/],
    ["reserved start", "a: @x\n", /^1:4 a text cannot start with @/],
    ["two documents", "a: 1\n---\nb: 2\n", /^2:1 a second document/],
    ["unknown anchor", "a: 1\nb: *y\n", /^2:4 \*y refers to an anchor/],
    ["unknown tag", "a: !foo 3\n", /^1:4 a tag/],
    ["list as key", "? [a]\n: 3\n", /a key must be a plain name/],
  ])("%s", (_, text, sentence) => {
    const sentences = complain(text);
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(sentence);
  });

  test("all duplicates are told at once", () => {
    expect(complain("a: 1\na: 2\nb: 1\nb: 2\n")).toHaveLength(2);
  });

  test("an alias bomb is refused", () => {
    const rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++) {
      rows.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    }
    expect(complain(rows.join("\n"))[0]).toMatch(/cannot be expanded/);
  });

  test("any text at all gives a value or a sentence, never a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab:- \n\t[]{}\"'&*!#1?,|>") }), (text) => {
        for (const sentence of complain(text)) expect(sentence).toMatch(/^\d+:\d+ \S/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("positions", () => {
  const source = parseYaml(
    "a.yaml",
    "top:\n  - name: x\n    rate: 3\n  - name: y\nbase: &b {k: 1}\nother: *b\n",
  );
  if (!source.ok) throw new Error("must parse");

  test.each([
    [["top", 0, "rate"], "value", { line: 3, column: 11 }],
    [["top", 0, "rate"], "key", { line: 3, column: 5 }],
    [["top", 1], "value", { line: 4, column: 5 }],
    [["top", 1, "rate"], "value", { line: 4, column: 5 }],
    [["other", "k"], "value", { line: 5, column: 14 }],
    [[], "value", { line: 1, column: 1 }],
  ] as const)("%j %s", (path, of, position) => {
    expect(source.position(path, of)).toEqual(position);
  });

  test("a problem carries its path in words", () => {
    expect(source.problem(["top", 0, "rate"], "is bad")).toEqual({
      file: "a.yaml",
      line: 3,
      column: 11,
      path: "top[0].rate",
      text: "is bad",
    });
  });
});

test("YAML 1.2: yes is a text, an empty file is null", () => {
  const result = parseYaml("a.yaml", "a: yes\nb: 010\n");
  expect(result.ok && result.root).toEqual({ a: "yes", b: 10 });
  expect(parseYaml("a.yaml", "")).toMatchObject({ ok: true, root: null });
});

test.each([
  ["/nowhere/at/all.yaml", /does not exist/],
  ["/tmp", /is a folder/],
])("%s cannot be read", (file, sentence) => {
  const result = readYamlFile(file);
  expect(!result.ok && result.problems[0]?.text).toMatch(sentence);
});
