import type { SiteModel } from "@weir/contracts/site.ts";
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
};
const row = (id: string, kind: string): SiteTagRow =>
  ({
    index: 0,
    id: `e/${id}`,
    edge: "e",
    tag: { stage: id.split("/")[0], name: id.split("/")[1], kind },
  }) as SiteTagRow;

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
