/** The kinds of artifacts that this cloud publishes, on the wire. */
import type { ArtifactKindLabel } from "@weir/contracts/enum-labels.ts";
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

const kinds: Record<ArtifactKindLabel, ArtifactKind> = {
  forest: ArtifactKind.FOREST,
  autoencoder: ArtifactKind.AUTOENCODER,
  thresholds: ArtifactKind.THRESHOLDS,
  "fog-thresholds": ArtifactKind.FOG_THRESHOLDS,
  "edge-configuration": ArtifactKind.EDGE_CONFIGURATION,
  "edge-detector": ArtifactKind.EDGE_DETECTOR,
};

export const artifactKindOf = (label: ArtifactKindLabel): ArtifactKind => kinds[label];
