/** What departures add up to: in the words of the site's packs, and in plain ones where it has none. */
import type { PlantPack } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { StageContribution } from "@weir/detectors/stage-attribution.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { tagMeasure } from "@weir/plants/tag-measure.ts";
import { expect, test } from "vitest";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import { findingOf, reasonsOf } from "./reasons.ts";

const siteOf = (pack: PlantPack | undefined, equipment = "aeration tank"): SiteModel => ({
  site: { id: "anywhere", name: "Anywhere", tz: "UTC" },
  lines: [{ id: "A", name: "A" }],
  stages: [{ id: "TANK1", name: "Tank 1", line: "A", upstream: [], equipment }],
  kpis: [],
  pack,
});

function tagsOf(site: SiteModel, tags: readonly [name: string, kind: string, unit: string][]) {
  const rows = tags.map(([name, kind, unit], index) => {
    const tag = { stage: "TANK1", name, kind, unit, device: "TANK1" };
    const id = `edge/TANK1/${name}`;
    return { index, id, edge: "edge", tag, measures: tagMeasure(site, tag) };
  }) as unknown as SiteTagRow[];
  return { rows, find: (id: string) => rows.find((row) => row.id === id) } as unknown as SiteTags;
}

const contribution = (
  name: string,
  feature: StageContribution["feature"],
  [expected, value]: [number, number],
): StageContribution => ({
  tag: `edge/TANK1/${name}`,
  feature,
  share: 0.5,
  value,
  expected,
  direction: value >= expected ? "high" : "low",
  deviation: 9,
});

const probes: [string, string, string][] = [
  ["DO01", "dissolved_oxygen", "mg/L"],
  ["DO02", "dissolved_oxygen", "mg/L"],
  ["FL01", "air_flow", "Nm3/h"],
];
const fouled = [contribution("DO01", "like", [3.2, 2]), contribution("FL01", "mean", [150, 183])];

function tell(site: SiteModel, tags: SiteTags, contributions: readonly StageContribution[]) {
  const reasons = reasonsOf(contributions, tags);
  return { reasons, ...findingOf(reasons, { site, stage: "TANK1", tags }) };
}

test("water: a probe against its neighbours and the air it takes is told as that", () => {
  const site = siteOf(builtinPack("water"));
  const told = tell(site, tagsOf(site, probes), fouled);
  expect(told.headline).toBe("Tank 1: an oxygen probe does not fit the air flow");
  expect(told.reasons.map(({ text }) => text)).toEqual([
    "oxygen probe DO01 −1.2 mg/L against its neighbours",
    "air flow +22 % against what this load needs",
  ]);
  expect(told.story).toMatch(/^Oxygen probe DO01 −1\.2 mg\/L .*\. The controller trusts/);
  expect(told.checks[0]).toMatch(/^Clean the probe/);
});

test("a pattern of one class is not told of another", () => {
  const compressor = siteOf(builtinPack("general"), "screw compressor");
  const power: [string, string, string][] = [["PW01", "power", "kW"]];
  const high = [contribution("PW01", "mean", [30, 40])];
  const headlineAt = (site: SiteModel) => tell(site, tagsOf(site, power), high).headline;
  expect(headlineAt(compressor)).toMatch(/more than the air that is used calls for/);
  expect(headlineAt(siteOf(builtinPack("general"), "mixer"))).toMatch(/more power is taken/);
});

test("without packs, kinds are told by their own names and tags without one by theirs", () => {
  const site = siteOf(undefined);
  const given = tell(site, tagsOf(site, probes), fouled);
  expect(given.headline).toBe("Tank 1: dissolved oxygen DO01 −1.2 mg/L against its neighbours");
  expect(given.story).toMatch(/unlike anything this stage has shown before/);
  const bare = tagsOf(site, [["PT01", "other", "bar"]]);
  expect(tell(site, bare, [contribution("PT01", "mean", [2, 3])]).headline).toBe(
    "Tank 1: PT01 +1.0 bar against what this load needs",
  );
});
