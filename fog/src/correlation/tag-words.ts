/** Plant words for tags: what an operator calls a sensor. */
import type { SiteTagRow } from "../historian/site-tags.ts";

/** "oxygen probe DO01" where a stage has several of a kind, else "air flow"; the tag's name where nobody knows. */
export function tagName(row: SiteTagRow, rows: readonly SiteTagRow[]): string {
  const { sensor, kind } = row.measures;
  if (sensor === "") return row.tag.name;
  const likes = rows.filter(
    (other) => other.tag.stage === row.tag.stage && other.measures.kind === kind,
  );
  return likes.length > 1 ? `${sensor} ${row.tag.name}` : sensor;
}
