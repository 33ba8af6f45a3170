/** Artifacts as the cloud would sign them for this edge, and an uplink that trusts its key. */
import { equals } from "@bufbuild/protobuf";
import { open } from "@weir/contracts/envelope.ts";
import {
  ArtifactKind,
  type SignedArtifact,
  SignedArtifactSchema,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  generateSigningKey,
  type ManifestFields,
  signArtifact,
  signingKeyFromPem,
} from "@weir/runtime/signing.ts";
import { type EdgeRig, type EdgeRigOptions, edgeRig, startMs } from "./edge-rig.ts";

const keys = generateSigningKey();
const key = signingKeyFromPem(keys.privatePem);
export const trusted = () => [keys.publicPem];
export const hourMs = 3_600_000;

export const payload = (tags: object = { "D11/CL01": { deltaMax: 0.4 } }) =>
  new TextEncoder().encode(JSON.stringify({ format: "weir-edge-thresholds-1", tags }));

export function artifact(fields: Partial<ManifestFields> = {}, bytes = payload()): SignedArtifact {
  const manifest: ManifestFields = {
    kind: ArtifactKind.THRESHOLDS,
    name: "thresholds/edge-w",
    version: 1,
    site: "riverside",
    target: "edge-w",
    stage: "",
    mediaType: "application/json",
    createdAtMs: startMs,
    expiresAtMs: startMs + 24 * hourMs,
    trainedOn: "a good week",
    metrics: {},
    minAgentVersion: "0.1.0",
    ...fields,
  };
  return signArtifact(key, manifest, bytes);
}

export async function rigUp(options: EdgeRigOptions = {}): Promise<EdgeRig> {
  const rig = edgeRig({ trusted, ...options });
  rig.control.giveTags();
  await rig.clock.advance(100);
  return rig;
}

export const settled = (rig: EdgeRig) => rig.clock.advance(100);

export const equalMessages = (a: Uint8Array, b: Uint8Array): boolean => {
  const [left, right] = [open("model", a), open("model", b)];
  return left.ok && right.ok && equals(SignedArtifactSchema, left.value, right.value);
};

export const configurationFields = {
  kind: ArtifactKind.EDGE_CONFIGURATION,
  name: "edge-configuration/edge-w",
  mediaType: "application/yaml",
} as const;
export const overlayText = "version: 1\ndevices: [{id: D11, tags: {CL01: {every: 2s}}}]\n";
export const overlay = (text = overlayText) => new TextEncoder().encode(text);
export const detectorFields = {
  kind: ArtifactKind.EDGE_DETECTOR,
  name: "edge-detector/edge-w",
} as const;
export const detector = (tags: object): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify({ format: "weir-edge-detector-1", tags }));
