/** The words of the JSON API for the enums of artifacts. */
import type { ArtifactView } from "@weir/contracts/api/live.ts";
import { ArtifactKind, ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

export type KindWord = ArtifactView["kind"];
export type OutcomeWord = ArtifactView["outcome"];

const kinds: Record<KindWord, ArtifactKind> = {
  forest: ArtifactKind.FOREST,
  autoencoder: ArtifactKind.AUTOENCODER,
  thresholds: ArtifactKind.THRESHOLDS,
  "fog-thresholds": ArtifactKind.FOG_THRESHOLDS,
  "edge-configuration": ArtifactKind.EDGE_CONFIGURATION,
  "edge-detector": ArtifactKind.EDGE_DETECTOR,
};

const outcomes: Record<OutcomeWord, ArtifactOutcome> = {
  published: ArtifactOutcome.PUBLISHED,
  staged: ArtifactOutcome.STAGED,
  active: ArtifactOutcome.ACTIVE,
  refused: ArtifactOutcome.REFUSED,
  "rolled-back": ArtifactOutcome.ROLLED_BACK,
};

export const kindOfWord = (word: KindWord): ArtifactKind => kinds[word];

/** `undefined` for kinds this cloud does not know. */
export const kindWord = (kind: ArtifactKind): KindWord | undefined => wordOf(kinds, kind);

export const outcomeWord = (outcome: ArtifactOutcome): OutcomeWord | undefined =>
  wordOf(outcomes, outcome);

const wordOf = <Word extends string>(
  words: Record<Word, number>,
  value: number,
): Word | undefined => (Object.keys(words) as Word[]).find((word) => words[word] === value);
