/** Which tags a stage's model looks at: its own, and those upstream that explain its load. */
import type { SiteModel } from "@weir/contracts/site.ts";
import type { StageTag } from "@weir/detectors/stage-history.ts";
import type { SiteTagRow } from "../historian/site-tags.ts";

/** Explaining tags of one stage; more only make the regression wander. */
const explainingCountMax = 10;
const upstreamDepthMax = 3;

/** Columns of `stage`'s model, own tags first; empty when the stage has no tags. */
export function stageTags(site: SiteModel, rows: readonly SiteTagRow[], stage: string): StageTag[] {
  const own = rows.filter((row) => row.tag.stage === stage).map((row) => asStageTag(row, true));
  if (own.length === 0) return [];
  const explaining = upstreamOf(site, stage)
    .flatMap((id) => rows.filter((row) => row.tag.stage === id && row.measures.load))
    .slice(0, explainingCountMax)
    .map((row) => asStageTag(row, false));
  return [...own, ...explaining];
}

/** An imported tag that no edge has announced has no kind yet, whatever its name looks like. */
const asStageTag = (row: SiteTagRow, own: boolean): StageTag => ({
  id: row.id,
  kind: row.tag.kind === "" ? "" : row.measures.kind,
  tolerance: row.measures.tolerance,
  stage: row.tag.stage,
  own,
});

/** Stages that feed `stage`, nearest first; `depthMax`: over how many others. */
export function upstreamOf(site: SiteModel, stage: string, depthMax = upstreamDepthMax): string[] {
  const byId = new Map(site.stages.map((one) => [one.id, one]));
  const found: string[] = [];
  let front = [stage];
  for (let depth = 0; depth < depthMax && front.length > 0; depth++) {
    front = front
      .flatMap((id) => byId.get(id)?.upstream ?? [])
      .filter((id) => id !== stage && !found.includes(id));
    found.push(...front);
  }
  return [...new Set(found)];
}
