/** What people write as packs: taken together in order, or every fault with its place. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { readSettingsText } from "@weir/runtime/settings.ts";
import { parseYaml } from "@weir/runtime/yaml-source.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, test } from "vitest";
import { builtinPack, builtinPacks, loadPacks } from "./load-packs.ts";
import { plantPack } from "./pack-settings.ts";

/** Writes files of a folder and asks for packs as a site file in it would. */
function load(names: readonly string[], files: Record<string, string> = {}) {
  const folder = tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const source = parseYaml(join(folder, "site.yaml"), `packs: [${names.join(", ")}]\n`);
  if (!source.ok) return expect.fail(formatProblems(source.problems));
  const loaded = loadPacks({ names, named: { source, path: ["packs"] }, folder });
  const problems = loaded.ok ? "" : formatProblems(loaded.problems).replaceAll(`${folder}/`, "");
  return { loaded, problems };
}

const own = `
pack: {about: sugar, extends: [general]}
kinds:
  sugar: {name: sugar content, units: {Bx: {min: 0, max: 100, decides: true}}, names: [brix]}
`;

describe.each(builtinPacks())("the pack %s", (name) => {
  test("loads, and is the same after its way to the cloud", () => {
    const pack = builtinPack(name);
    expect(Object.keys(pack.kinds).length).toBeGreaterThan(15);
    const sent = readSettingsText(JSON.stringify(pack), plantPack);
    if (!sent.ok) return expect.fail(formatProblems(sent.problems));
    expect(JSON.parse(JSON.stringify(sent.value))).toEqual(JSON.parse(JSON.stringify(pack)));
  });

  test("tells of every failure mode what it is, what to do and by when", () => {
    const pack = builtinPack(name);
    const modes = Object.values(pack.equipment).flatMap(({ failureModes }) => failureModes);
    for (const mode of [...modes, ...pack.failureModes]) {
      expect(mode.actions.length, mode.headline).toBeGreaterThan(0);
      expect(mode.dueHours, mode.headline).toBeGreaterThan(0);
      expect(mode.headline, mode.headline).not.toMatch(/[.;]$/);
    }
    for (const finding of pack.findings) expect(finding.checks.length).toBeGreaterThan(0);
  });
});

test("a pack of one's own builds on another, and what it says of the same id counts", () => {
  const { loaded, problems } = load(["./sugar"], {
    "sugar/pack.yaml": own,
    "sugar/more.yaml": "kinds: {level: {name: filling, units: {m: {}}}}\n",
  });
  if (!loaded.ok) return expect.fail(problems);
  expect(loaded.pack.kinds["sugar"]).toMatchObject({ name: "sugar content" });
  expect(loaded.pack.kinds["level"]).toMatchObject({ name: "filling", names: [] });
  expect(loaded.pack.kinds["pressure"]).toEqual(builtinPack("general").kinds["pressure"]);
});

test("no packs are an empty one", () => {
  const { loaded } = load([]);
  expect(loaded).toMatchObject({ ok: true, pack: { kinds: {}, equipment: {}, findings: [] } });
});

test("every fault of every file is told at once, with its place and a remedy", () => {
  const { problems } = load(["watr", "./sugar", "./nowhere"], {
    "sugar/pack.yaml": `
pack: {about: sugar, extends: [generell]}
kinds:
  Sugar: {name: sugar, units: {}}
  syrup: {nam: syrup, units: {Bx: {min: 9, max: 3}}}
`,
    "sugar/equipment.yaml": `
equipment:
  evaporator:
    name: evaporator
    failureModes:
      - {code: LOW, mechanism: m, headline: h, because: b, priority: P2, dueHours: -1}
`,
  });
  for (const part of [
    /site\.yaml:1:9 +packs\[0\] +there is no pack "watr"; did you mean water\?/,
    /site\.yaml:1:\d+ +packs\[2\] +nowhere is no folder/,
    /sugar\/pack\.yaml:4:3 +kinds\.Sugar +"Sugar" is no name here/,
    /sugar\/pack\.yaml:5:11 +kinds\.syrup\.nam +unknown; did you mean name\?/,
    /sugar\/pack\.yaml:5:\d+ +kinds\.syrup\.units\.Bx\.min +min must be below max/,
    /sugar\/equipment\.yaml:6:16 +equipment\.evaporator\.failureModes\[0\]\.code +"LOW" is unknown/,
    /equipment\.evaporator\.failureModes\[0\]\.dueHours +-1 is below 0/,
  ])
    expect(problems).toMatch(part);
});

test("a kind or a class that nobody describes is told where it is named", () => {
  const { problems } = load(["./sugar"], {
    "sugar/pack.yaml": own,
    "sugar/findings.yaml": `
findings:
  - {when: [sugr high and level low], equipment: [pmp], headline: h, explanation: e, checks: [c]}
`,
  });
  expect(problems).toMatch(
    /findings\.yaml:3:13 +findings\[0\]\.when\[0\] +there is no kind "sugr"; did you mean sugar\?/,
  );
  expect(problems).toMatch(/there is no class of equipment "pmp"; did you mean pump\?/);
});

test("two packs that build on each other, and a folder that is none, end in a sentence", () => {
  const { problems } = load(["./a", "./c"], {
    "a/pack.yaml": "pack: {about: a, extends: [../b]}\n".replace("../b", "b"),
    "c/kinds.yaml": "kinds: {}\n",
  });
  expect(problems).toMatch(/there is no pack "b"; known: general, water/);
  expect(problems).toMatch(/c:1:1 +no file in it has "pack: \{about: …\}"/);
});

test("an id that two files of a pack describe is told", () => {
  const { problems } = load(["./a"], {
    "a/pack.yaml": "pack: {about: a}\nkinds: {x: {name: x, units: {}}}\n",
    "a/rest.yaml": "kinds: {x: {name: y, units: {}}}\n",
  });
  expect(problems).toMatch(/rest\.yaml:1:9 +kinds\.x +"x" stands in a\/pack\.yaml already/);
});
