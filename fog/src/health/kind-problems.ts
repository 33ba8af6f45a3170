/** Stages whose tags do not say what they measure: told while it costs them something. */
import { isKnownKind } from "@weir/plants/catalogue.ts";
import { kindNote } from "@weir/plants/tag-measure.ts";
import type { HealthSource } from "@weir/runtime/health-monitor.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";

/** A switch is 0 or 1 and needs no kind. */
const isSwitch = ({ tag }: SiteTagRow): boolean =>
  tag.min === 0 && tag.max === 1 && tag.resolution === 1;

/** What missing kinds cost `stage`, in a sentence; "" where they cost nothing, as with a lone sensor. */
export function kindNoteOf(rows: readonly SiteTagRow[], stage: string): string {
  // What is imported only is not judged before its edge has announced it.
  const own = rows.filter(
    (row) => row.tag.stage === stage && row.tag.kind !== "" && !isSwitch(row),
  );
  if (own.length < 2) return "";
  const open = own.filter(({ measures }) => !isKnownKind(measures.kind));
  return kindNote(
    open.map(({ tag }) => tag.id),
    own.length,
  );
}

export function kindProblems({ tags }: { tags: SiteTags }): HealthSource {
  return () =>
    [...Map.groupBy(tags.current, ({ tag }) => tag.stage)].flatMap(([stage, rows]) => {
      const note = kindNoteOf(rows, stage);
      if (note === "") return [];
      const text = `stage ${stage} is ${note}`;
      return [{ code: "kinds-missing", severity: "advisory", subject: stage, text } as const];
    });
}
