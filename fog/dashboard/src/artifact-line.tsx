/** A model or threshold set with its version and what became of it. */
import type { ArtifactView } from "@weir/contracts/api/live.ts";
import { dayTime } from "@weir/ui/time-format.ts";

export function ArtifactLine({ artifact }: { artifact: ArtifactView }) {
  const refused = artifact.outcome === "refused" || artifact.outcome === "rolled-back";
  return (
    <p class={refused ? "artifact problem" : "artifact soft"}>
      <span class="mono">
        {artifact.name} v{artifact.version}
      </span>{" "}
      {artifact.outcome.replace("-", " ")} at {artifact.where}, {dayTime(artifact.atMs)}
      {artifact.reason && `: ${artifact.reason}`}
    </p>
  );
}
