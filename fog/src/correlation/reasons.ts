/** From a stage's score to what an operator reads: reasons in plant words, a headline, a story, checks. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ContributionSchema } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { StageContribution } from "@weir/detectors/stage-attribution.ts";
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

/** Kinds whose departure is told as a percentage; the others in their unit. */
const proportional: ReadonlySet<string> = new Set([
  "flow",
  "air_flow",
  "turbidity",
  "tss",
  "torque",
  "current",
  "pressure",
  "mlss",
  "uv254",
]);

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
  if (proportional.has(row.tag.kind) && Math.abs(expected) > 1e-9) {
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

interface Pattern {
  applies: (kinds: KindSet) => boolean;
  finding: (stageName: string, reasons: readonly Reason[]) => Finding;
}

/** Which kinds stand out, and how: "air_flow:high", "dissolved_oxygen:like". */
type KindSet = { has: (mark: string) => boolean };

const only = (reasons: readonly Reason[]): string =>
  reasons
    .slice(0, 3)
    .map((reason) => reason.text)
    .join("; ");

const patterns: readonly Pattern[] = [
  {
    applies: (kinds) =>
      kinds.has("dissolved_oxygen:like") ||
      (kinds.has("dissolved_oxygen:mean") && kinds.has("air_flow:high")),
    finding: (stageName, reasons) => ({
      headline: `${stageName}: an oxygen probe does not fit the air flow`,
      story: `${capital(only(reasons))}. The controller trusts its own probe and blows air for it. No limit is broken and nothing jumps, so the edge sees nothing; only the neighbours and the air it takes give the probe away. A fouled probe that reads low makes the blowers work for nothing.`,
      checks: [
        "Clean the probe that disagrees and watch whether the air flow falls back",
        "Compare the probes of this tank with a hand-held meter",
        "If the probe is right: look for a load that the analysers missed",
      ],
    }),
  },
  {
    applies: (kinds) => kinds.has("air_flow:high") || kinds.has("air_flow:low"),
    finding: (stageName, reasons) => ({
      headline: `${stageName}: the air flow does not fit the load`,
      story: `${capital(only(reasons))}. With this flow and ammonia the tank has needed a different amount of air before.`,
      checks: [
        "Check the oxygen probes against a hand-held meter",
        "Look at the diffusers and the header pressure",
        "Check the ammonia analyser",
      ],
    }),
  },
  {
    applies: (kinds) =>
      kinds.has("chlorine_free:like") ||
      kinds.has("chlorine_free:mean") ||
      kinds.has("chlorine_free:slope"),
    finding: (stageName, reasons) => ({
      headline: `${stageName}: free chlorine is not where dose and flow would put it`,
      story: `${capital(only(reasons))}. Either the dose or the demand has changed, or an analyser drifts.`,
      checks: [
        "Take a grab sample and compare",
        "Check the dosing pump and the stock strength",
        "Check the analyser's sample flow",
      ],
    }),
  },
  {
    applies: (kinds) => kinds.has("blanket:high") || kinds.has("torque:high"),
    finding: (stageName, reasons) => ({
      headline: `${stageName}: sludge is building up`,
      story: `${capital(only(reasons))}. More solids come in than the underflow takes out.`,
      checks: [
        "Raise the underflow and check its pump",
        "Check polymer dosing",
        "Look at the overflow for solids",
      ],
    }),
  },
];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What the reasons add up to. */
export function findingOf(stageName: string, reasons: readonly Reason[], tags: SiteTags): Finding {
  const marks = new Set<string>();
  for (const reason of reasons.slice(0, 4)) {
    const kind = tags.find(reason.tag)?.tag.kind ?? "";
    marks.add(`${kind}:${reason.feature}`);
    if (reason.feature === "mean") marks.add(`${kind}:${reason.direction}`);
  }
  const pattern = patterns.find((one) => one.applies(marks));
  if (pattern) return pattern.finding(stageName, reasons);
  return {
    headline: `${stageName}: ${reasons[0]?.text ?? "unlike anything learned"}`,
    story: `${capital(only(reasons) || "The sensors of this stage")}. Together these readings are unlike anything this stage has shown before, though each alone may be within its limits.`,
    checks: [
      "Compare the named sensors with their neighbours",
      "Was there an operation: backwash, calibration, cleaning?",
      "If the water is fine, mark this as a sensor fault or a known operation",
    ],
  };
}
