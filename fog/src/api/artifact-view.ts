/** An artifact's state as both applications show it. */
import type { ArtifactView } from "@weir/contracts/api/live.ts";
import {
  ArtifactKind,
  ArtifactOutcome,
  type ArtifactState,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

const kinds: Record<ArtifactKind, ArtifactView["kind"]> = {
  [ArtifactKind.UNSPECIFIED]: "forest",
  [ArtifactKind.FOREST]: "forest",
  [ArtifactKind.AUTOENCODER]: "autoencoder",
  [ArtifactKind.THRESHOLDS]: "thresholds",
  [ArtifactKind.FOG_THRESHOLDS]: "fog-thresholds",
  [ArtifactKind.EDGE_CONFIGURATION]: "edge-configuration",
  [ArtifactKind.EDGE_DETECTOR]: "edge-detector",
};

const outcomes: Record<ArtifactOutcome, ArtifactView["outcome"]> = {
  [ArtifactOutcome.UNSPECIFIED]: "staged",
  [ArtifactOutcome.STAGED]: "staged",
  [ArtifactOutcome.ACTIVE]: "active",
  [ArtifactOutcome.REFUSED]: "refused",
  [ArtifactOutcome.ROLLED_BACK]: "rolled-back",
  [ArtifactOutcome.PUBLISHED]: "published",
};

export const artifactView = (state: ArtifactState): ArtifactView => ({
  name: state.name,
  kind: kinds[state.kind],
  version: state.version,
  where: state.where,
  outcome: outcomes[state.outcome],
  reason: state.reason,
  atMs: state.atMs,
});
