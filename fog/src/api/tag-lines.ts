/** Every tag of the site in one list, for whoever looks for one. */
import type { TagLine } from "@weir/contracts/api/live.ts";
import { tagName } from "../correlation/tag-words.ts";
import type { FogCore } from "../fog.ts";
import type { SiteWatch } from "../site-watch.ts";

/** By stage in the site's order, then as their edges announce them; those of no stage that it names last. */
export function tagLines({ site, tags }: FogCore, watch: SiteWatch): TagLine[] {
  const places = new Map(site.stages.map(({ id, name }, place) => [id, { place, name }]));
  const placeOf = (stage: string) => places.get(stage)?.place ?? places.size;
  return tags.rows
    .toSorted((a, b) => placeOf(a.tag.stage) - placeOf(b.tag.stage))
    .map((row) => {
      const { stage, unit } = row.tag;
      const removedAtMs = tags.removedMs(row);
      const stageName = places.get(stage)?.name;
      return {
        id: row.id,
        name: tagName(row, tags.rows),
        ...{ unit, stage },
        ...(stageName !== undefined && { stageName }),
        kind: row.measures.kind,
        kindInferred: row.measures.inferred,
        ...(removedAtMs !== undefined && { removedAtMs }),
        freshness: watch.freshness.tag(row),
      };
    });
}
