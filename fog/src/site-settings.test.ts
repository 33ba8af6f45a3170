/** A site's file: what it names and adds of packs, and every fault with its place. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { readSite } from "./site-settings.ts";

const plain = `
site: {id: anywhere, name: Anywhere, tz: Europe/Vienna}
lines: [{id: A, name: A}]
stages:
  - {id: TANK1, name: Tank 1, line: A, equipment: syrup tank}
  - {id: PUMP, name: Pump, line: A, upstream: [TANK1], equipment: pump}
`;

function read(text: string, pack = "") {
  const folder = tempDir();
  mkdirSync(join(folder, "sugar"));
  writeFileSync(join(folder, "sugar/pack.yaml"), pack);
  writeFileSync(join(folder, "site.yaml"), text);
  const site = readSite(join(folder, "site.yaml"));
  return site.ok
    ? { site: site.value, problems: "" }
    : { site: undefined, problems: formatProblems(site.problems).replaceAll(`${folder}/`, "") };
}

test("a site that says nothing of packs has the general one", () => {
  const { site } = read(plain);
  expect(site?.packs).toEqual(["general"]);
  expect(catalogueOf(site).kindName("dew_point")).toBe("dew point");
  expect(catalogueOf(site).equipmentClass("syrup tank")?.id).toBe("tank");
});

test("a site may want none, and everything is told in plain words", () => {
  const { site } = read(`${plain}packs: []\n`);
  expect(site).toMatchObject({ packs: [], pack: { kinds: {}, equipment: {}, findings: [] } });
  expect(catalogueOf(site).kindName("dew_point")).toBe("dew point");
  expect(catalogueOf(site).equipmentClass("pump")).toBeUndefined();
});

test("what a site adds itself, in its file or in a folder, counts over what it builds on", () => {
  const { site, problems } = read(
    `${plain}
packs: [general, ./sugar]
kinds:
  level: {name: filling, units: {m: {decides: true}}}
equipment:
  syrup-tank:
    name: syrup tank
    failureModes:
      - code: PLU
        mechanism: crystals
        headline: syrup is crystallising
        because: It gets thicker as it cools.
        when: [{kinds: [sugar], way: up}]
        priority: P2
        dueHours: 24
        actions: [Warm it]
`,
    "pack: {about: sugar}\nkinds: {sugar: {name: sugar content, units: {Bx: {decides: true}}}}\n",
  );
  expect(problems).toBe("");
  const catalogue = catalogueOf(site);
  expect(catalogue.kindName("level")).toBe("filling");
  expect(catalogue.tagKind("", { unit: "Bx", name: "X" })).toEqual({
    kind: "sugar",
    inferred: true,
  });
  expect(catalogue.equipmentClass("syrup tank")?.equipment.failureModes[0]?.headline).toBe(
    "syrup is crystallising",
  );
  expect(site).not.toHaveProperty("kinds");
});

test("every fault of a site's file and of its packs is told at once, with its place and a remedy", () => {
  const { problems } = read(
    `
site: {id: anywhere, name: Anywhere}
lines: [{id: A, name: A}]
stages:
  - {id: TANK1, name: Tank 1, line: B}
  - {id: TANK1, name: Tank 2, line: A, upstream: [TNK1]}
packs: [generl, ./sugar]
equipment:
  kettle: {name: kettle, failureModes: []}
`,
    "pack: {about: sugar}\nkinds: {sugar: {name: sugar content, units: {Bx: {decide: true}}}}\n",
  );
  for (const part of [
    /site\.yaml:5:37 +stages\[0\]\.line +there is no line "B"; did you mean A\?/,
    /site\.yaml:6:10 +stages\[1\]\.id +"TANK1" is used twice, first in line 5; rename one/,
    /site\.yaml:6:51 +stages\[1\]\.upstream\[0\] +there is no stage "TNK1"; did you mean TANK1\?/,
    /site\.yaml:7:9 +packs\[0\] +there is no pack "generl"; did you mean general\?/,
    /sugar\/pack\.yaml:2:\d+ +kinds\.sugar\.units\.Bx\.decide +unknown; did you mean decides\?/,
  ])
    expect(problems).toMatch(part);
});

test("the examples of the page on packs are such files", () => {
  const page = readFileSync(new URL("../../docs/site/packs.md", import.meta.url), "utf8");
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const [naming = "", adding = "", pack = ""] = examples;
  expect(examples).toHaveLength(3);
  for (const example of [naming, adding]) expect(read(`${plain}${example}`).problems).toBe("");
  expect(read(`${plain}packs: [./sugar]\n`, pack).problems).toBe("");
});

test("a zone nobody knows hides no other fault of the file; figures and packs are looked at too", () => {
  const { problems } = read(`
site: {id: anywhere, name: Anywhere, tz: Europe/Vienne}
lines: [{id: A, name: A}]
stages: [{id: TANK1, name: Tank 1, line: B}]
kpis:
  - {id: level, name: Level, tags: [LT01], low: 1}
  - {id: flow, name: Flow, low: 2, high: 1}
packs: [general, general]
`);
  for (const part of [
    /site\.tz +"Europe\/Vienne" is not a known time zone/,
    /stages\[0\]\.line +there is no line "B"/,
    /kpis\[0\]\.tags\[0\] +"LT01" is not in the right form/,
    /kpis\[1\]\.low +low is above high/,
    /packs\[1\] +"general" is named twice/,
  ])
    expect(problems).toMatch(part);
});
