/**
 * Whatever stands in the file: it is read, or every fault of it is one line with its place and a sentence. Nothing
 * throws, and nothing of the file breaks the line or steers the terminal that shows it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatProblems } from "@weir/runtime/problem.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-hostile-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What is wrong, as it is shown; nothing: it is read. */
function faultsOf(content: string | Uint8Array): string[] {
  const file = join(folder, "edge.yaml");
  writeFileSync(file, content);
  const loaded = loadConfiguration(file, { approval: "ignored" });
  if (loaded.ok) return [];
  const lineCount = Buffer.from(content).toString("latin1").split("\n").length;
  expect(loaded.problems.length).toBeGreaterThan(0);
  for (const { line, column, text } of loaded.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lineCount);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(text.trim()).not.toBe("");
  }
  const [, ...lines] = formatProblems(loaded.problems).split("\n");
  expect(lines).toHaveLength(loaded.problems.length);
  for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
  return lines.map((line) => line.trim().replace(`${file}:`, ""));
}

const good = `version: 1
site: {id: riverside}
edge: edge-x
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: 502}}
devices:
  - {id: TANK1, connection: plc, unit: 1, tags: {LV: {read: "holding:1", type: uint16, every: 1s, min: 0, max: 10}}}
`;
const again = good.split("devices:\n")[1] ?? "";

test.each<[string, string | Uint8Array, RegExp[]]>([
  ["line ends of Windows", good.replaceAll("\n", "\r\n"), []],
  ["a byte order mark", `\ufeff${good}`, []],
  ["an empty file", "", [/^1:1 .*empty/]],
  ["a bare word", "hello\n", [/^1:1 .*a table is expected/]],
  ["no text at all", Uint8Array.from({ length: 512 }, (_, i) => i % 256), [/UTF-8/]],
  ["tabs", good.replace("  - {id", "\t- {id"), [/^6:\d+ /]],
  ["a NUL", good.replace("riverside", "river\0side"), [/^2:\d+ /]],
  ["a key twice", `${good}edge: edge-y\n`, [/^7:1 .*"edge" is given twice/]],
  ["an id twice", good + again, [/^7:\d+ .*"TANK1" is used twice, first in line 6/]],
  ["an anchor in itself", good.replace("{id: riverside}", "&a {id: x, b: *a}"), [/^2:\d+ /]],
  ["a second document", `${good}---\n${good}`, [/^7:1 .*second document/]],
  ["a port out of range", good.replace("502", "70000"), [/^4:\d+ .*70000.*65535/]],
  ["a name with a line feed", good.replace("TANK1", '"TA\\nNK1"'), [/^6:\d+ .*TA\\nNK1/]],
  ["no number", good.replace("max: 10", "max: .nan"), [/^6:\d+ .*NaN is not a number/]],
  [
    "wrong types",
    "version: [1]\nsite: 7\nedge: {a: 1}\nconnections: []\ndevices: {}\n",
    [/^1:\d+ /, /^2:\d+ /, /^3:\d+ /, /^4:\d+ /, /^5:\d+ /],
  ],
])("%s", (_, content, expected) => {
  const faults = faultsOf(content);
  expect(faults).toHaveLength(expected.length);
  for (const [i, fault] of faults.entries()) expect(fault).toMatch(expected[i] ?? /^$/);
});

test("an alias that is unfolded a million times, and a file beyond all measure, are refused at once", () => {
  const level = (name: string, of: string) => `${name}: &${name} [${`*${of},`.repeat(9)}]\n`;
  const names = [..."bcdefghij"];
  const laugh = `a: &a [1]\n${names.map((name, i) => level(name, names[i - 1] ?? "a")).join("")}`;
  expect(faultsOf(laugh)).toHaveLength(1);
  expect(faultsOf(`${good}# ${"x".repeat(5_000_000)}\n`)[0]).toMatch(/^1:1 .*4194304/);
});

const examplesFolder = fileURLToPath(new URL("../../examples", import.meta.url));
const examples = readdirSync(examplesFolder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(join(examplesFolder, name)));

const snippets = [
  ..."\t \r \0 { } [ ] : , - & * ! | > # % @ \" ' \u2028 \u001b[31m".split(" "),
  "<<: *a",
  "&a ",
  "*a",
  "---",
  ".nan",
  "-.inf",
  "1e999",
  "99999999999999999999",
  "__proto__: 1",
  "!!binary x",
  "~",
  "\n",
  "\n  ",
].map((text) => Buffer.from(text));

/** An edit of a file: at a place, so many bytes away, something else instead. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  gone: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...snippets), fc.uint8Array({ maxLength: 4 })),
});

test("any example, edited anywhere: it is read, or each fault is one line with a place", () => {
  const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...examples), edits, (example, list) => {
      let bytes: Buffer = example;
      for (const { at, gone, put } of list) {
        const from = Math.floor(at * bytes.length);
        bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + gone)]);
      }
      faultsOf(bytes);
    }),
    { numRuns: sized(150, 20_000) },
  );
});
