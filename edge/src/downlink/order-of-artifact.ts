/** A verified artifact as an order to the control thread; what this agent cannot read whole is refused. */
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { Order } from "../hand-over.ts";
import { parseDetector } from "./detector-payload.ts";
import { parseThresholds } from "./thresholds-payload.ts";

/** Larger configurations are refused unread, bytes. */
export const configurationBytesMax = 1024 * 1024;

export interface ArtifactToOrder {
  edge: string;
  name: string;
  version: number;
  kind: ArtifactKind;
  payload: Uint8Array;
}

export type ArtifactOrder = { ok: true; order: Order } | { ok: false; reason: string };

/** Never throws. */
export function orderOfArtifact(artifact: ArtifactToOrder): ArtifactOrder {
  const { kind, payload, version } = artifact;
  const ref = `${artifact.name}@${version}`;
  switch (kind) {
    case ArtifactKind.THRESHOLDS: {
      const parsed = parseThresholds(payload);
      if (!parsed.ok) return parsed;
      const thresholds = parsed.figures;
      return { ok: true, order: { kind: "apply-thresholds", ref, version, thresholds } };
    }
    case ArtifactKind.EDGE_DETECTOR: {
      const parsed = nameFlaw(artifact, "edge-detector") ?? parseDetector(payload);
      if (!parsed.ok) return parsed;
      return {
        ok: true,
        order: { kind: "apply-detector", ref, version, detector: parsed.figures },
      };
    }
    case ArtifactKind.EDGE_CONFIGURATION:
      return nameFlaw(artifact, "edge-configuration") ?? configurationOrder(artifact);
    default:
      return refuse(
        "an edge takes thresholds, detectors and its own configuration; models run in the fog",
      );
  }
}

function configurationOrder({ name, version, payload }: ArtifactToOrder): ArtifactOrder {
  if (payload.length > configurationBytesMax) {
    return refuse(`${payload.length} bytes, at most ${configurationBytesMax} are read`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    return refuse("the payload is not UTF-8 text");
  }
  // What it says is read where the site's own file is: a YAML reader has no business in this thread's memory.
  const ref = `${name}@${version}`;
  return { ok: true, order: { kind: "apply-configuration", ref, name, version, text } };
}

/** There is one of these an edge, so that versions under two names cannot be played against each other. */
function nameFlaw({ name, edge }: ArtifactToOrder, prefix: string) {
  const wanted = `${prefix}/${edge}`;
  return name === wanted ? undefined : refuse(`named ${name}, this kind is named ${wanted}`);
}

const refuse = (reason: string) => ({ ok: false as const, reason });
