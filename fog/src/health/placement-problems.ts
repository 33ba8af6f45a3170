/** Tags that are read and have no place at the site: no stage page shows them and no model learns them. */

import type { SiteModel } from "@weir/contracts/site.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { HealthSource } from "@weir/runtime/health-monitor.ts";

/** Longer without a reading: its edge is told as silent, and what it had is of no use any more. */
const recentMs = 86_400_000;
const namedMax = 5;

export interface Placement {
  clock: Pick<Clock, "nowMs">;
  tags: { readonly current: readonly { id: string; index: number; tag: { stage: string } }[] };
  newest: { of(tag: number): { atMs: number } | undefined };
  site: Pick<SiteModel, "stages" | "lines">;
}

export function placementProblems({ clock, tags, newest, site }: Placement): HealthSource {
  const known = new Set(site.stages.map(({ id }) => id));
  const line = site.lines[0]?.id ?? "A";
  return () => {
    const sinceMs = clock.nowMs() - recentMs;
    const unplaced = tags.current.filter(
      ({ tag, index }) => !known.has(tag.stage) && (newest.of(index)?.atMs ?? 0) >= sinceMs,
    );
    return [...Map.groupBy(unplaced, ({ tag }) => tag.stage)].map(([stage, rows]) => {
      const ids = rows.map(({ id }) => id);
      const more = ids.length > namedMax ? ` and ${ids.length - namedMax} more` : "";
      const text = `${ids.slice(0, namedMax).join(", ")}${more} ${ids.length > 1 ? "belong" : "belongs"} to stage ${stage}, which site.yaml does not have: kept and found under Trends, but on no stage's page, and no model learns from it. Add it to \`stages\`: {id: ${stage}, name: ${stage}, line: ${line}}, or correct \`stage\` in the edge's file`;
      return { code: "not-placed", severity: "low", subject: stage, text } as const;
    });
  };
}
