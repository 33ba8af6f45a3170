/** From a stage's score to what an operator reads: reasons in plant words, a headline, a story, checks. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ContributionSchema } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { FindingPattern } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { StageContribution } from "@weir/detectors/stage-attribution.ts";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import { tagName } from "./tag-words.ts";

export type Reason = Required<
  Pick<
    MessageInitShape<typeof ContributionSchema>,
    "tag" | "feature" | "share" | "value" | "expected" | "direction" | "text"
  >
>;

/** More reasons than this only hide the first. */
const reasonCountMax = 6;

export function reasonsOf(contributions: readonly StageContribution[], tags: SiteTags): Reason[] {
  const reasons: Reason[] = [];
  for (const contribution of contributions) {
    const row = tags.find(contribution.tag);
    if (!row || reasons.length === reasonCountMax) continue;
    const { tag, feature, share, value, expected, direction } = contribution;
    reasons.push({
      tag,
      feature,
      share,
      value,
      expected,
      direction,
      text: reasonText(contribution, row, tags.rows),
    });
  }
  return reasons;
}

function reasonText(
  contribution: StageContribution,
  row: SiteTagRow,
  rows: readonly SiteTagRow[],
): string {
  const name = tagName(row, rows);
  const { feature, value, expected, direction } = contribution;
  if (feature === "spread") {
    const factor = value / expected;
    return direction === "unsteady"
      ? `${name} unsteady, ${plain(factor)} × its usual spread`
      : `${name} unusually steady`;
  }
  if (feature === "slope")
    return `${name} ${value >= 0 ? "rising" : "falling"} ${plain(Math.abs(value) * 3600)} ${row.tag.unit} per hour`;
  const departure = departureText(value, expected, row);
  return feature === "like"
    ? `${name} ${departure} against its neighbours`
    : `${name} ${departure} against what this load needs`;
}

function departureText(value: number, expected: number, row: SiteTagRow): string {
  const difference = value - expected;
  const sign = difference >= 0 ? "+" : "−";
  if (row.measures.percent && Math.abs(expected) > 1e-9) {
    return `${sign}${Math.round(Math.abs(difference / expected) * 100)} %`;
  }
  return `${sign}${plain(Math.abs(difference))} ${row.tag.unit}`.trimEnd();
}

/** Two significant digits, no exponent. */
const plain = (value: number): string => {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(0);
  if (value >= 1) return value.toFixed(1);
  return value.toPrecision(value === 0 ? 1 : 2).replace(/e.*$/, "");
};

export interface Finding {
  headline: string;
  story: string;
  checks: string[];
}

const only = (reasons: readonly Reason[]): string =>
  reasons
    .slice(0, 3)
    .map((reason) => reason.text)
    .join("; ");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface FoundAt {
  site: SiteModel;
  stage: string;
  tags: SiteTags;
}

/** What the reasons add up to: the first pattern of the site's packs that fits, else plain words. */
export function findingOf(reasons: readonly Reason[], { site, stage, tags }: FoundAt): Finding {
  const described = site.stages.find(({ id }) => id === stage);
  const name = described?.name ?? stage;
  const pattern = patternFor(reasons, { site, tags, equipment: described?.equipment ?? "" });
  if (pattern) {
    const { headline, explanation, checks } = pattern;
    return {
      headline: `${name}: ${headline}`,
      story: `${capital(only(reasons))}. ${explanation}`,
      checks: [...checks],
    };
  }
  return {
    headline: `${name}: ${reasons[0]?.text ?? "unlike anything learned"}`,
    story: `${capital(only(reasons) || "The sensors of this stage")}. Together these readings are unlike anything this stage has shown before, though each alone may be within its limits.`,
    checks: [
      "Compare the named sensors with their neighbours",
      "Was there an operation: cleaning, calibration, a changeover?",
      "If the process is fine, mark this as a sensor fault or a known operation",
    ],
  };
}

/** Reasons beyond these are too small to say what is wrong. */
const tellingReasonCount = 4;

function patternFor(
  reasons: readonly Reason[],
  { site, tags, equipment }: { site: SiteModel; tags: SiteTags; equipment: string },
): FindingPattern | undefined {
  const signs = new Set<string>();
  for (const reason of reasons.slice(0, tellingReasonCount)) {
    const kind = tags.find(reason.tag)?.measures.kind ?? "";
    signs.add(`${kind} ${reason.feature}`);
    if (reason.feature === "mean") signs.add(`${kind} ${reason.direction}`);
  }
  const catalogue = catalogueOf(site);
  const own = catalogue.equipmentClass(equipment)?.id ?? "";
  return catalogue.pack.findings.find(
    (finding) =>
      (finding.equipment.length === 0 || finding.equipment.includes(own)) &&
      finding.when.some((together) => together.split(" and ").every((sign) => signs.has(sign))),
  );
}
