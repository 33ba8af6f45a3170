/**
 * What the numbers of the wire's enums are called in the APIs. The enums are open: a peer of a later version
 * may send a number that this build has no label for. It is shown as such, never as something known.
 */
import { ArtifactKind, ArtifactOutcome } from "./generated/weir/v1/artifact_pb.ts";
import { Severity } from "./generated/weir/v1/incident_pb.ts";
import { Quality } from "./generated/weir/v1/tag_pb.ts";

/** Of a number without a label: "unknown (17)". */
export type UnknownLabel = `unknown (${number})`;

/** The label of `value`, or "unknown (17)". */
export function labelOf<Label>(
  labels: Readonly<Record<number, Label | undefined>>,
  value: number,
): Label | UnknownLabel {
  return labels[value] ?? `unknown (${value})`;
}

/** The label of `value`, or `neutral`: what claims least where the API has a closed list. */
export function labelOr<Label>(
  labels: Readonly<Record<number, Label>>,
  value: number,
  neutral: NoInfer<Label>,
): Label {
  return labels[value] ?? neutral;
}

export type QualityLabel = "good" | "uncertain" | "bad" | "stale";

const qualities: Record<Quality, QualityLabel> = {
  [Quality.GOOD]: "good",
  [Quality.UNCERTAIN]: "uncertain",
  [Quality.BAD]: "bad",
  [Quality.STALE]: "stale",
};

/** A quality that is not known is none to rely on. */
export const qualityLabel = (quality: Quality): QualityLabel =>
  labelOr(qualities, quality, "uncertain");

export type SeverityLabel = "advisory" | "low" | "medium" | "high";

const severities: Record<Severity, SeverityLabel> = {
  [Severity.ADVISORY]: "advisory",
  [Severity.LOW]: "low",
  [Severity.MEDIUM]: "medium",
  [Severity.HIGH]: "high",
};

/** Severities rise with their number: one beyond the known ones is at least as severe as the worst of them. */
export const severityLabel = (severity: Severity): SeverityLabel =>
  labelOr(severities, severity, "high");

export type ArtifactKindLabel =
  | "forest"
  | "autoencoder"
  | "thresholds"
  | "fog-thresholds"
  | "edge-configuration"
  | "edge-detector";

const kindsByLabel: Readonly<Record<ArtifactKindLabel, ArtifactKind>> = {
  forest: ArtifactKind.FOREST,
  autoencoder: ArtifactKind.AUTOENCODER,
  thresholds: ArtifactKind.THRESHOLDS,
  "fog-thresholds": ArtifactKind.FOG_THRESHOLDS,
  "edge-configuration": ArtifactKind.EDGE_CONFIGURATION,
  "edge-detector": ArtifactKind.EDGE_DETECTOR,
};

const kindLabels = Object.fromEntries(
  Object.entries(kindsByLabel).map(([label, kind]) => [kind, label]),
) as Partial<Record<ArtifactKind, ArtifactKindLabel>>;

export const artifactKindOf = (label: ArtifactKindLabel): ArtifactKind => kindsByLabel[label];

/** Of an artifact by its name, "forest/TANK1"; UNSPECIFIED where its first part is no kind. */
export function artifactKindOfName(name: string): ArtifactKind {
  const label = name.split("/")[0] ?? "";
  return Object.hasOwn(kindsByLabel, label)
    ? kindsByLabel[label as ArtifactKindLabel]
    : ArtifactKind.UNSPECIFIED;
}

export const artifactKindLabel = (kind: ArtifactKind): ArtifactKindLabel | UnknownLabel =>
  labelOf(kindLabels, kind);

export type ArtifactOutcomeLabel = "published" | "staged" | "active" | "refused" | "rolled-back";

const artifactOutcomes: Partial<Record<ArtifactOutcome, ArtifactOutcomeLabel>> = {
  [ArtifactOutcome.STAGED]: "staged",
  [ArtifactOutcome.ACTIVE]: "active",
  [ArtifactOutcome.REFUSED]: "refused",
  [ArtifactOutcome.ROLLED_BACK]: "rolled-back",
  [ArtifactOutcome.PUBLISHED]: "published",
};

export const artifactOutcomeLabel = (
  outcome: ArtifactOutcome,
): ArtifactOutcomeLabel | UnknownLabel => labelOf(artifactOutcomes, outcome);
