/** Who runs the fog's models. Implemented by detection; the downlink only verifies, keeps and reports. */
import type { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

export interface OfferedModel {
  /** "forest/TANK1" */
  name: string;
  version: number;
  kind: ArtifactKind;
  /** "TANK1" */
  stage: string;
  /** ONNX file, or JSON for fog thresholds. */
  payload: Uint8Array;
}

export type Activation = { ok: true } | { ok: false; reason: string };

export interface ModelHost {
  /**
   * Puts `model` to work instead of the version before it, or says why not and keeps the one before.
   * Called for each stored active model at start, and for each verified newcomer.
   */
  activate(model: OfferedModel): Activation | Promise<Activation>;
}
