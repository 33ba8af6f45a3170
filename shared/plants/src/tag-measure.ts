/** What each tag of a site measures, as the site's packs know it: one answer for every tier. */
import type { LearnedRule } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf, type TagKind } from "./catalogue.ts";

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

/** Tags named in a sentence. */
const namedMax = 6;

/**
 * What missing kinds cost a stage of `count` tags; "" where they cost nothing.
 * @param open names of the tags whose kind nobody knows
 */
export function kindNote(open: readonly string[], count: number): string {
  if (open.length === 0) return "";
  const all = open.length === count;
  const named = [...open.slice(0, namedMax), ...(open.length > namedMax ? ["…"] : [])].join(", ");
  const what = all
    ? "learned without kinds"
    : `learned without the kinds of ${open.length} of its ${count} tags`;
  return (
    `${what} (${named}): sensors of one kind check each other only where their history shows that they ` +
    "measure alike; give each tag its kind in the edge's configuration, or a unit that tells it"
  );
}
