/** An artifact's state as both applications show it. */
import type { ArtifactView } from "@weir/contracts/api/live.ts";
import { artifactKindLabel, artifactOutcomeLabel } from "@weir/contracts/enum-labels.ts";
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

export const artifactView = (state: ArtifactState): ArtifactView => ({
  name: state.name,
  kind: artifactKindLabel(state.kind),
  version: state.version,
  where: state.where,
  outcome: artifactOutcomeLabel(state.outcome),
  reason: state.reason,
  atMs: state.atMs,
});
