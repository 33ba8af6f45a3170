/** What a tag measures: told in trips by the words of its kind, told to be missing where that costs something. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

function load(tags: Record<string, string>) {
  const file = join(tempDir(), "edge.yaml");
  const rows = Object.entries(tags).map(
    ([name, more], i) =>
      `      ${name}: {read: "holding:${i}", ${more.includes("bit:") ? "" : "type: int16, "}every: 1s${more && `, ${more}`}}`,
  );
  writeFileSync(
    file,
    [
      "version: 1",
      "site: {id: anywhere}",
      "edge: edge-1",
      "connections: {plc: {type: modbus-tcp, host: 10.0.8.11}}",
      "devices:",
      "  - id: TANK1",
      "    connection: plc",
      "    unit: 1",
      "    tags:",
      ...rows,
      "",
    ].join("\n"),
  );
  const result = loadConfiguration(file);
  if (!result.ok) return expect.fail(formatProblems(result.problems));
  const quantities = result.configuration.tags.map(({ quantity }) => quantity);
  const kinds = result.configuration.tags.map(({ kind }) => kind);
  return {
    quantities,
    kinds,
    tags: result.configuration.tags,
    warnings: result.warnings.map(({ text }) => text),
  };
}

test("a quantity has the words of its kind, given or told by unit and name; else the tag's own name", () => {
  const { quantities, kinds, warnings } = load({
    CL01: "kind: chlorine_free, unit: mg/L",
    PT01: "unit: bar",
    X1: "kind: sugar_content",
    X2: "",
  });
  expect(quantities).toEqual(["free chlorine", "pressure", "sugar content", "TANK1/X2"]);
  // What is told, not given, is left to those who know the site's packs.
  expect(kinds).toEqual(["chlorine_free", "other", "sugar_content", "other"]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^nothing tells what 1 of the 4 tags of stage TANK1 measure \(TANK1\/X2\)/,
    ),
  ]);
});

test("switches, codes and a lone sensor need no kind", () => {
  expect(load({ X1: "", X2: "bit: 0" }).warnings).toEqual([]);
  expect(load({ X1: "" }).warnings).toEqual([]);
  expect(load({ X1: "", X2: "map: {1: 0, 2: 1}" }).warnings).toEqual([]);
});

test("a range that the quantity cannot have is told", () => {
  const { warnings } = load({
    PH01: "kind: ph, unit: pH, min: -20, max: 14",
    TT01: "kind: temperature, unit: degC, min: -50, max: 200",
  });
  expect(warnings).toEqual(["-20 pH is below what pH can be, -2 pH; correct min, unit or kind"]);
});

test("the floor of a deviation is that of the kind in its unit", () => {
  const { tags } = load({
    TU01: "kind: turbidity, unit: NTU, scale: 0.001, detect: {z: {}}",
    TU02: "unit: FNU, scale: 0.001, detect: {z: {}}",
    PT01: "kind: pressure, unit: bar, detect: {z: {}}",
    TU03: "kind: turbidity, unit: NTU, detect: {z: {sigmaMin: 0.2}}",
  });
  expect(tags.map(({ detect }) => detect.z?.sigmaMin)).toEqual([0.05, 0.05, 0, 0.2]);
});

test("a kind that is nearly one that is known is asked about, one of a site's own pack is not", () => {
  const { warnings } = load({
    P1: "kind: presure, unit: bar, min: -2, max: 5",
    P2: "kind: sugar_content",
  });
  expect(warnings.filter((text) => text.includes("did you mean"))).toEqual([
    expect.stringMatching(/no pack of Weir's own knows a kind "presure"; did you mean pressure\?/),
  ]);
});

test("a bit and a mask have the range of their own width, not of the register", () => {
  const { tags } = load({ RUN: "bit: 3", CODE: "mask: 0x0f0" });
  expect(tags.map(({ min, max }) => [min, max])).toEqual([
    [0, 1],
    [0, 15],
  ]);
});
