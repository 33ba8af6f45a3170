/** Rules that an edge keeps quiet while the cause of another one is there, as it last said. */
import type { SuppressedView } from "@weir/contracts/api/fog.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { EdgeLink } from "../ingest/ingested.ts";

export function suppressedRules(
  links: readonly EdgeLink[],
  freshness: SiteFreshness,
): SuppressedView[] {
  return links.flatMap(({ edge, status }) => {
    const asOf = freshness.isStatusOfNow(edge) ? "" : `, as ${edge} last said`;
    return (status?.suppressed ?? []).map(({ rule, by, sinceMs, isBeyond }): SuppressedView => {
      const others = by.join(", ");
      const would = isBeyond ? "its own cause is there as well" : "its own cause is not there";
      return {
        ...{ kind: "rule", id: `${edge}/${rule}`, what: `${rule} at ${edge}`, sinceMs },
        ...{ by: `${edge}/${by[0] ?? ""}`, byText: others },
        reason: `the cause of ${others} is there; ${would}${asOf}`,
      };
    });
  });
}
