/** The schemas by which editors check a file, and the readers that take it, are of one mind. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseYaml } from "@weir/runtime/yaml-source.ts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ajv = new Ajv2020({ allErrors: true, strict: false });

const schemaOf = (file: string) => ajv.compile(JSON.parse(readFileSync(`${root}${file}`, "utf8")));
const schemas = {
  edge: schemaOf("edge/schema/edge.schema.json"),
  profile: schemaOf("edge/schema/profile.schema.json"),
  safety: schemaOf("edge/schema/safety.schema.json"),
  changes: schemaOf("edge/schema/changes.schema.json"),
  fog: schemaOf("fog/schema/fog.schema.json"),
  site: schemaOf("fog/schema/site.schema.json"),
  cloud: schemaOf("cloud/schema/cloud.schema.json"),
  pack: schemaOf("shared/plants/schema/pack.schema.json"),
};
type Name = keyof typeof schemas;

/** What the schema has against `text`, a line each. */
function told(name: Name, text: string): string[] {
  const source = parseYaml(`${name}.yaml`, text);
  if (!source.ok) throw new Error(source.problems[0]?.text);
  const validate = schemas[name];
  if (validate(source.root)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const yamlIn = (folder: string): string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => `${folder}/${file}`);

describe("every file that comes with Weir is what its schema says", () => {
  const examples = yamlIn("edge/examples").filter((file) => !file.includes("/profiles/"));
  const files: [Name, string][] = [
    ...examples.map((file): [Name, string] => [
      file.endsWith("/safety.yaml") ? "safety" : "edge",
      file,
    ]),
    ...yamlIn("edge/examples/profiles").map((file): [Name, string] => ["profile", file]),
    ...yamlIn("edge/profiles").map((file): [Name, string] => ["profile", file]),
    ...yamlIn("shared/plants/packs").map((file): [Name, string] => ["pack", file]),
    ["fog", "fog/examples/fog.yaml"],
    ["site", "fog/examples/site.yaml"],
    ["cloud", "cloud/examples/cloud.yaml"],
  ];
  test.each(files)("%s: %s", (name, file) => {
    expect(told(name, readFileSync(`${root}${file}`, "utf8"))).toEqual([]);
  });
});

const edge = (connection: string, rest = "devices: []") =>
  `version: 1\nsite: {id: a}\nedge: e\nconnections: {p: ${connection}}\n${rest}`;

describe("what a reader refuses an editor underlines", () => {
  test.each<[Name, string, string]>([
    ["edge", "a key of another protocol", edge("{type: modbus-tcp, host: h, url: x}")],
    ["edge", "a key that a protocol needs", edge("{type: mqtt}")],
    ["edge", "a time without a unit", edge("{type: modbus-tcp, host: h, timeout: 5}")],
    [
      "edge",
      "a limit without a value",
      edge("{type: line}", "devices: [{id: A, connection: p, tags: {T: {limits: }}}]"),
    ],
    ["changes", "a limit", "version: 1\ndevices: [{id: A, tags: {T: {limits: {hardHigh: 1}}}}]"],
    ["changes", "a watchdog", "version: 1\nconnections: {p: {type: modbus-tcp, watchdog: {}}}"],
    ["changes", "a watchdog of whatever type", "version: 1\nconnections: {p: {watchdog: {}}}"],
    ["fog", "a port that is none", "mqtt: {port: 70000}"],
    ["cloud", "a name nobody knows", "dor: {}"],
  ])("%s: %s", (name, _, text) => {
    expect(told(name, text)).not.toEqual([]);
  });
});

test("changes from above need name only what they change", () => {
  const text =
    "version: 1\nconnections: {p: {timeout: 400ms}}\ndevices: [{id: A, tags: {T: {detect: {delta: {window: 1m}}}}}]";
  expect(told("changes", text)).toEqual([]);
  expect(told("changes", "version: 1\nconnections: {p: {baud: 9600}, q: {poll: R}}")).toEqual([]);
});

test("of a connection without a type an editor asks for that alone", () => {
  expect(told("edge", edge("{host: h, poll: R}"))).toEqual([
    "/connections/p must have required property 'type'",
  ]);
});

test("a table of which everything is a comment is one that is left out", () => {
  expect(told("fog", "history:\nhttp:\n")).toEqual([]);
});
