/** What each tag of a site measures, as the site's packs know it: one answer for every tier. */
import type { LearnedRule } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf, isKnownKind, type TagKind } from "./catalogue.ts";

/** What an edge announces of a tag, or as much of it as is known. */
export interface AnnouncedTag {
  kind: string;
  unit: string;
  name: string;
  device?: string | undefined;
  min?: number | undefined;
  max?: number | undefined;
}

export interface TagMeasure extends TagKind {
  /** "free chlorine"; "" where nobody knows. */
  name: string;
  /** What an operator calls the instrument: "oxygen probe". */
  sensor: string;
  /** A departure is told as a percentage. */
  percent: boolean;
  /** Carries the load to the stages that this one feeds. */
  load: boolean;
  /** What the instrument may be off and still be right, in the tag's unit; undefined: 1 % of the level. */
  tolerance: number | undefined;
  /** Smallest standard deviation that an alert rule trusts, in the tag's unit. */
  floor: number | undefined;
  learns: LearnedRule | undefined;
  /** What to look at first when it changes fast. */
  checks: readonly string[];
}

export function tagMeasure(
  site: Pick<SiteModel, "pack"> | undefined,
  tag: AnnouncedTag,
): TagMeasure {
  const catalogue = catalogueOf(site);
  const { unit, name, device, min, max } = tag;
  const found = catalogue.tagKind(tag.kind, { unit, name, device, min, max });
  const kind = catalogue.kind(found.kind);
  const { tolerance, floor } = catalogue.unit(found.kind, unit) ?? {};
  return {
    ...found,
    ...{ tolerance, floor },
    name: catalogue.kindName(found.kind),
    sensor: catalogue.sensorName(found.kind),
    percent: kind?.percent ?? false,
    load: kind?.load ?? false,
    learns: kind?.learns,
    checks: kind?.checks ?? [],
  };
}

/** How the kinds of a stage's tags are known. */
export interface KindCounts {
  given: number;
  inferred: number;
  unknown: number;
}

export function countKinds(measures: readonly TagKind[]): KindCounts {
  const counts = { given: 0, inferred: 0, unknown: 0 };
  for (const { kind, inferred } of measures) {
    if (!isKnownKind(kind)) counts.unknown++;
    else if (inferred) counts.inferred++;
    else counts.given++;
  }
  return counts;
}

/** What missing kinds cost a stage; "" where they cost nothing. */
export function kindNote({ given, inferred, unknown }: KindCounts): string {
  if (unknown === 0) return "";
  const all = given + inferred + unknown;
  const which =
    unknown === all
      ? all === 1
        ? "its tag has"
        : `its ${all} tags have`
      : `${unknown} of its ${all} tags ${unknown === 1 ? "has" : "have"}`;
  return (
    `learned without kinds: ${which} none, so sensors of one kind check each other only where their ` +
    "history shows that they measure alike; give each tag its kind in the edge's configuration"
  );
}
