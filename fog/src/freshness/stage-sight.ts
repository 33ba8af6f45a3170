/** What can be seen of a stage this minute, and on what that rests. Nothing is normal without it. */
import type { FreshnessView, StageLine } from "@weir/contracts/api/fog.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Judged } from "../detection/detection.ts";
import type { NewestValues } from "../historian/newest-values.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import { skewTellMs } from "../ingest/link-meters.ts";
import { ageWords, freshnessOfMost } from "./freshness.ts";
import type { SiteFreshness } from "./site-freshness.ts";

/** Windows end once a minute and wait for the slowest edge. */
export const judgedWithinMs = 90_000;
/** A window may be as old as that plus the patience with the slowest edge. */
const windowWithinMs = 150_000;
/** A model that has just begun is judged by nothing yet. */
const firstJudgedWithinMs = 150_000;

export interface StageSight {
  sight: StageLine["sight"];
  freshness: FreshnessView;
  /** Plain words. */
  evidence: string;
  sensors: number;
  badSensors: number;
  silentSensors: number;
}

export interface StageSightOptions {
  clock: Clock;
  tags: SiteTags;
  newest: NewestValues;
  freshness: SiteFreshness;
  latenessMs: number;
  /** Of every edge, milliseconds that its clock is behind: windows wait for the slowest. */
  links: () => readonly { edge: string; skewMs: number }[];
  /** Undefined: no model of the stage runs. */
  judged: (stage: string) => Judged | undefined;
}

/** `rows`: of the stage's own tags, where the caller has them at hand. */
export function sightOf(
  stage: string,
  options: StageSightOptions,
  rows: readonly SiteTagRow[] = options.tags.current.filter((row) => row.tag.stage === stage),
): StageSight {
  const { newest, freshness, clock } = options;
  const views = rows.map((row) => freshness.tag(row));
  const isLive = (i: number): boolean => views[i]?.state === "live";
  const isBad = (row: SiteTagRow): boolean => {
    const quality = newest.of(row.index)?.quality;
    return quality === undefined || quality === Quality.BAD || quality === Quality.STALE;
  };
  const ofStage = freshnessOfMost(views, clock.nowMs());
  const counts = {
    sensors: rows.length,
    silentSensors: rows.filter((_, i) => !isLive(i)).length,
    badSensors: rows.filter((row, i) => !isLive(i) || isBad(row)).length,
  };
  const seen = (sight: StageLine["sight"], evidence: string): StageSight => ({
    ...{ sight, evidence, freshness: ofStage },
    ...counts,
  });
  if (rows.length === 0) return seen("no-data", "no edge has announced a tag of it");
  if (ofStage.state === "silent" || ofStage.state === "never") return seen("blind", ofStage.reason);
  if (2 * counts.badSensors > rows.length && ofStage.state === "live")
    return seen("blind", `${counts.badSensors} of its ${rows.length} sensors are not usable`);
  const judged = options.judged(stage);
  // Heard of long ago, or before the fog started: no evidence of this minute.
  if (!judged && ofStage.state !== "live") return seen("blind", ofStage.reason);
  const usable = `${rows.length - counts.badSensors} of ${rows.length} sensors live`;
  if (!judged) return seen("learning", `${usable}; no model yet`);
  return judgedSight(judged, { usable, seen, options });
}

/** A clock is blamed only where what arrives of its edge says so. */
export function lateWords(
  behindMs: number,
  { links, latenessMs }: Pick<StageSightOptions, "links" | "latenessMs">,
): string {
  const worst = links().toSorted((a, b) => b.skewMs - a.skewMs)[0];
  if (worst && worst.skewMs >= skewTellMs + latenessMs)
    return `the clock of ${worst.edge} is ${ageWords(worst.skewMs)} behind`;
  return `readings come ${ageWords(behindMs)} late`;
}

function judgedSight(
  judged: Judged,
  {
    usable,
    seen,
    options,
  }: {
    usable: string;
    seen: (sight: StageLine["sight"], evidence: string) => StageSight;
    options: StageSightOptions;
  },
): StageSight {
  const { clock, latenessMs } = options;
  const nowMs = clock.monotonicMs();
  if (judged.atMs === undefined) {
    const age = nowMs - judged.modelSinceMs;
    if (age <= firstJudgedWithinMs + latenessMs)
      return seen("learning", `${usable}; its model has just begun`);
    return seen(
      "blind",
      `${usable}, but its model has not judged since it began ${ageWords(age)} ago`,
    );
  }
  const age = nowMs - judged.atMs;
  const behindMs = clock.nowMs() - (judged.windowEndMs ?? 0);
  if (age <= judgedWithinMs + latenessMs) {
    if (behindMs <= windowWithinMs + latenessMs)
      return seen("judged", `judged ${ageWords(age)} ago; ${usable}`);
    const late = `${ageWords(behindMs)} old: ${lateWords(behindMs, options)}`;
    return seen("blind", `${usable}, but the newest window that could be judged is ${late}`);
  }
  const why = judged.why ? `: ${judged.why}` : "";
  return seen("blind", `${usable}, but its model has not judged for ${ageWords(age)}${why}`);
}
