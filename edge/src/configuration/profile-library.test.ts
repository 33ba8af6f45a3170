/** Every profile that comes with the agent loads, and says where its registers come from. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { readYamlFile } from "@weir/runtime/yaml-source.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";
import { builtinProfiles, profileFolder } from "./profile-library.ts";

function loadInstance(profile: string, more = "") {
  const file = join(tempDir(), "edge.yaml");
  writeFileSync(
    file,
    `
version: 1
site: {id: riverside}
edge: edge-k
connections: {line: {type: modbus-rtu, host: 10.0.8.20, port: 4001, timeout: 500ms}}
devices: [{id: X1, connection: line, unit: 7, profile: "builtin:${profile}"${more}}]
`,
  );
  return loadConfiguration(file);
}

describe.each(builtinProfiles())("%s", (name) => {
  test("an instance of it is a configuration", () => {
    const result = loadInstance(name);
    if (!result.ok) expect.fail(formatProblems(result.problems));
    expect(result.configuration.tags.length).toBeGreaterThan(0);
    for (const tag of result.configuration.tags) {
      expect(tag.max).toBeGreaterThan(tag.min);
    }
    // Its text is part of what is kept and hashed.
    expect([...result.texts.keys()]).toContain(join(profileFolder, `${name}.yaml`));
  });

  test("it carries its own name, what it is, how it is wired and where that is written", () => {
    const source = readYamlFile(join(profileFolder, `${name}.yaml`));
    if (!source.ok) expect.fail(formatProblems(source.problems));
    const root = source.root as Record<string, string>;
    expect(root["profile"]).toBe(name);
    for (const key of ["about", "source", "line", "version"]) {
      expect(root[key]?.length ?? 0).toBeGreaterThan(0);
    }
  });
});

test("an instance gives its own keys", () => {
  const result = loadInstance(
    "analog-8ch-4-20ma",
    ", tags: {AI03: {min: 0, max: 6, unit: m, kind: level}}",
  );
  if (!result.ok) expect.fail(formatProblems(result.problems));
  const tag = result.configuration.tags.find(({ name }) => name === "AI03");
  expect(tag).toMatchObject({
    kind: "level",
    max: 6,
    signal: "4-20mA",
    place: { table: "input", address: 2 },
  });
});

test("a name that is none is told with the nearest", () => {
  const result = loadInstance("hach-ldo");
  if (result.ok) expect.fail("accepted");
  expect(result.problems[0]?.text).toMatch(/there is no profile "builtin:hach-ldo"; /);
});
