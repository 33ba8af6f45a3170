/**
 * Signed artifacts: an Ed25519 signature over a manifest that names target, hash, version and expiry.
 * After The Update Framework: a bare signature stops neither roll-back nor freeze nor mix-and-match.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Manifest,
  ManifestSchema,
  type SignedArtifact,
  SignedArtifactSchema,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

/** First 16 hex digits of the SHA-256 of the public key's SPKI. */
export function keyId(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}

export function generateSigningKey(): { privatePem: string; publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicPem: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
}

export function signingKeyFromPem(privatePem: string): SigningKey {
  const privateKey = createPrivateKey(privatePem);
  const publicKey = createPublicKey(privateKey);
  return {
    id: keyId(publicKey),
    privateKey,
    publicPem: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
}

export type ManifestFields = Omit<Manifest, "$typeName" | "$unknown" | "sha256" | "size">;

/** Hash and size of `payload` are filled in here. */
export function signArtifact(
  key: SigningKey,
  fields: ManifestFields,
  payload: Uint8Array,
): SignedArtifact {
  const sha256 = createHash("sha256").update(payload).digest();
  const manifest = toBinary(
    ManifestSchema,
    create(ManifestSchema, { ...fields, sha256, size: payload.length }),
  );
  return create(SignedArtifactSchema, {
    manifest,
    signature: sign(null, manifest, key.privateKey),
    keyId: key.id,
    payload,
  });
}

/** What a place demands of an artifact before it may be activated. */
export interface AcceptRules {
  /** Trusted public keys, PEM. */
  trusted: readonly string[];
  site: string;
  /** "fog" or the edge's id. */
  target: string;
  nowMs: number;
  /** Highest version ever accepted under this name, 0 when none; kept durably by the caller. */
  lastVersion: (name: string) => number;
  agentVersion: string;
}

export type Accepted =
  | { ok: true; manifest: Manifest }
  | { ok: false; manifest: Manifest | undefined; reason: string };

/** Checks signature, hash, target, version and expiry, in that order. Never throws. */
export function acceptArtifact(artifact: SignedArtifact, rules: AcceptRules): Accepted {
  const trusted = rules.trusted.flatMap(readTrusted).find((key) => keyId(key) === artifact.keyId);
  const manifest = parseManifest(artifact.manifest);
  const refuse = (reason: string): Accepted => ({ ok: false, manifest, reason });
  if (!trusted)
    return refuse(`signed by key ${artifact.keyId || "(none)"}, which is not trusted here`);
  if (!verifyQuietly(artifact.manifest, trusted, artifact.signature))
    return refuse("the signature does not match the manifest");
  if (!manifest) return refuse("the manifest cannot be read");
  const hash = createHash("sha256").update(artifact.payload).digest();
  if (artifact.payload.length !== manifest.size || !hash.equals(manifest.sha256)) {
    return refuse("the payload is not the one that was signed");
  }
  if (manifest.site !== rules.site)
    return refuse(`made for site ${manifest.site}, this is ${rules.site}`);
  if (manifest.target !== rules.target)
    return refuse(`made for ${manifest.target}, this is ${rules.target}`);
  const last = rules.lastVersion(manifest.name);
  if (manifest.version <= last)
    return refuse(`version ${manifest.version} is not newer than ${last}`);
  // Written so that NaN is refused.
  if (!(manifest.expiresAtMs > rules.nowMs))
    return refuse(`expired ${isoTime(manifest.expiresAtMs)}`);
  if (!(compareVersions(manifest.minAgentVersion, rules.agentVersion) <= 0)) {
    return refuse(`needs agent ${manifest.minAgentVersion}, this is ${rules.agentVersion}`);
  }
  return { ok: true, manifest };
}

/** The blocks of a PEM file that holds several, such as trusted-keys.pem. */
export const pemBlocks = (text: string): string[] =>
  text.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g) ?? [];

/** Only Ed25519 counts; an unreadable key trusts nobody. */
function readTrusted(pem: string): KeyObject[] {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? [key] : [];
  } catch {
    return [];
  }
}

function isoTime(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? "at no time that can be read" : date.toISOString();
}

export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    return fromBinary(ManifestSchema, bytes);
  } catch {
    return undefined;
  }
}

function verifyQuietly(data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(null, data, key, signature);
  } catch {
    return false;
  }
}

/** Of dotted numbers; empty text is the lowest. */
function compareVersions(a: string, b: string): number {
  const parts = (text: string) => (text === "" ? [] : text.split(".").map(Number));
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
