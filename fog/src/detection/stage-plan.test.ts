import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { tagMeasure } from "@weir/plants/tag-measure.ts";
import { expect, test } from "vitest";
import type { SiteTagRow } from "../historian/site-tags.ts";
import { stageTags, upstreamOf } from "./stage-plan.ts";

const stage = (id: string, upstream: string[]) => ({
  id,
  name: id,
  line: "W",
  equipment: "",
  upstream,
});
const site: SiteModel = {
  site: { id: "s", name: "S", tz: "UTC" },
  lines: [],
  stages: [stage("A", ["D"]), stage("B", ["A"]), stage("C", ["B"]), stage("D", ["C"])],
  kpis: [],
  pack: builtinPack("water"),
};
const row = (id: string, kind: string, unit = ""): SiteTagRow => {
  const [at = "", name = ""] = id.split("/");
  const tag = { stage: at, name, kind, unit };
  return { index: 0, id: `e/${id}`, edge: "e", tag, measures: tagMeasure(site, tag) } as SiteTagRow;
};

test("stages upstream are found nearest first, and a loop ends", () => {
  expect(upstreamOf(site, "D")).toEqual(["C", "B", "A"]);
  expect(upstreamOf(site, "A")).toEqual(["D", "C", "B"]);
});

test("a stage looks at all its own tags and at the load upstream, nothing else", () => {
  const rows = [
    row("B/DO01", "dissolved_oxygen"),
    row("A/FL01", "flow"),
    row("A/PR01", "pressure"),
    row("C/FL01", "flow"),
  ];
  expect(stageTags(site, rows, "B")).toMatchObject([
    { id: "e/B/DO01", own: true },
    { id: "e/A/FL01", own: false },
    { id: "e/C/FL01", own: false },
  ]);
  expect(stageTags(site, rows, "D")).toEqual([]);
});

test("a kind that nobody has given is told by unit and name; an imported tag has none until its edge speaks", () => {
  const rows = [
    row("B/X1", "other", "degC"),
    row("B/X2", "other", "widgets"),
    row("B/PT01", ""),
    row("A/X9", "other", "m3/h"),
  ];
  expect(stageTags(site, rows, "B")).toMatchObject([
    { id: "e/B/X1", kind: "temperature", tolerance: 0.5 },
    { id: "e/B/X2", kind: "other" },
    { id: "e/B/PT01", kind: "" },
    { id: "e/A/X9", kind: "flow", own: false },
  ]);
});
