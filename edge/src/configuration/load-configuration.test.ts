import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgeSchemaFile, edgeSchemaText, schemaNames } from "./json-schema.ts";
import { loadConfiguration } from "./load-configuration.ts";
import { edgeReferenceFile, edgeReferenceText } from "./reference-page.ts";

const here = new URL("./", import.meta.url).pathname;
const example = join(here, "../../examples/modbus-tcp.yaml");

/** One folder a fault: what a person wrote, and every word they are told. */
describe("a configuration with faults", () => {
  const cases = join(here, "cases");
  test.each(readdirSync(cases))("%s", (name) => {
    const result = loadConfiguration(join(cases, name, "edge.yaml"));
    const text = result.ok ? "accepted" : formatProblems(result.problems);
    const told = `${text.replaceAll(`${join(cases, name)}/`, "")}\n`;
    expect(told).toBe(readFileSync(join(cases, name, "problems.txt"), "utf8"));
  });
});

function load(files: Record<string, string>) {
  const folder = tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return loadConfiguration(join(folder, "edge.yaml"));
}

function accepted(files: Record<string, string>) {
  const result = load(files);
  if (!result.ok) expect.fail(formatProblems(result.problems));
  return result;
}

const head = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
`;

describe("the example", () => {
  test("is accepted, both address notations name the same register", () => {
    const result = loadConfiguration(example);
    if (!result.ok) expect.fail(formatProblems(result.problems));
    const { tags, uplink, rules } = result.configuration;
    expect(tags.find((tag) => tag.id === "TANK1/TU01")?.place).toEqual({
      table: "holding",
      address: 4,
    });
    expect(uplink?.identity).toBe(join(dirname(example), "identity"));
    expect(rules[1]).toMatchObject({
      id: "CHLORINE-LOW",
      action: "alarm_only",
      suppressedBy: [0],
    });
  });

  test("a profile gives the tags, an instance replaces single keys", () => {
    const result = loadConfiguration(example);
    if (!result.ok) expect.fail(formatProblems(result.problems));
    const motor = result.configuration.tags.filter((tag) => tag.id.startsWith("M1/"));
    expect(motor.map((tag) => [tag.name, tag.periodMs])).toEqual([
      ["MO01", 1_000],
      ["MO02", 2_000],
      ["MO03", 1_000],
    ]);
  });
});

test("a fault in a profile is shown in the profile", () => {
  const result = load({
    "edge.yaml": `${head}devices: [{id: M1, connection: plc, profile: ./motor.yaml}]\n`,
    "motor.yaml": 'profile: motor\ntags:\n  A: {read: "holding:70000", type: int16}\n',
  });
  if (result.ok) expect.fail("accepted");
  expect(result.problems).toHaveLength(1);
  expect(result.problems[0]).toMatchObject({ line: 3, path: "tags.A.read" });
  expect(result.problems[0]?.file).toMatch(/motor\.yaml$/);
});

test("defaults: three periods to stale, the register's own range and step", () => {
  const { configuration } = accepted({
    "edge.yaml": `${head}devices: [{id: A, connection: plc, tags: {T: {read: "input 30001", type: int16, scale: 0.1}}}]`,
  });
  expect(configuration.tags[0]).toMatchObject({
    id: "A/T",
    place: { table: "input", address: 0 },
    min: -3276.8,
    max: 3276.7000000000003,
    resolution: 0.1,
    periodMs: 1_000,
    staleAfterMs: 3_000,
    assetPath: "riverside/A/T",
  });
});

test("an output of which nothing shows that it followed is a warning", () => {
  const warned = (output: string) => {
    const { warnings } = accepted({
      "edge.yaml": `${head}devices: [{id: A, connection: plc, tags: {T: {read: "input:0", type: int16}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off, ${output}}}
safety: [{id: R, when: {tag: T, above: 9}, then: [{set: pump, to: off}]}]
`,
    });
    return warnings.some(({ text }) => text.includes("it is never verified"));
  };
  expect(warned("readBack: false")).toBe(true);
  expect(warned("readBack: true")).toBe(false);
});

test("what is allowed but unwise is a warning", () => {
  const { warnings } = accepted({
    "edge.yaml": `${head}devices: [{id: A, connection: plc, tags: {T: {read: "input:0", type: int16, every: 10s, limits: {hardHigh: 10}, detect: {delta: {max: 1}}}}}]
outputs: {pump: {write: "coil plc/1:0", safe: on}}
safety: [{id: R, when: {tag: T, above: 9}, then: [{set: pump, to: off}]}]
`,
  });
  expect(warnings.map((warning) => warning.text)).toEqual([
    "a window of 30000 ms holds 3 readings; the rule needs 10 and will stay silent",
    "plc has no watchdog: if this gateway dies, pump stays as it is",
    "9 differs from A/T's own hardHigh 10",
    "0 is not the safe state of pump, which is 1",
    'not approved: for more than trials move outputs and safety to a document of their own and run "weir-edge approve"',
  ]);
});

test("the configuration's hash covers its profiles", () => {
  const files = (scale: number) => ({
    "edge.yaml": `${head}devices: [{id: M1, connection: plc, profile: ./motor.yaml}]\n`,
    "motor.yaml": `profile: motor\ntags:\n  A: {read: "holding:7", type: int16, scale: ${scale}}\n`,
  });
  const [one, same, other] = [1, 1, 2].map((scale) => accepted(files(scale)).configuration.sha256);
  expect(one).toBe(same);
  expect(one).not.toBe(other);
});

test.each(schemaNames)("the published JSON Schema of %s is fresh (npm run generate)", (name) => {
  expect(readFileSync(edgeSchemaFile(name), "utf8")).toBe(edgeSchemaText(name));
});

test("the page of reference is fresh (npm run generate)", () => {
  expect(readFileSync(edgeReferenceFile, "utf8")).toBe(edgeReferenceText());
});

test("damaged files end in sentences, never in an exception", () => {
  const text = readFileSync(example, "utf8");
  const folder = tempDir();
  const file = join(folder, "edge.yaml");
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.nat(30),
      fc.string({ maxLength: 12 }),
      (at, cut, insert) => {
        writeFileSync(file, text.slice(0, at) + insert + text.slice(at + cut));
        const result = loadConfiguration(file);
        if (!result.ok) {
          expect(result.problems.length).toBeGreaterThan(0);
          for (const problem of result.problems) expect(problem.line).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 100 },
  );
});
