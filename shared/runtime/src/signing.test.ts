import { generateKeyPairSync } from "node:crypto";
import { clone, create, equals } from "@bufbuild/protobuf";
import { elementAt, numberAt, u8 } from "@weir/contracts/elements.ts";
import {
  ArtifactKind,
  type SignedArtifact,
  SignedArtifactSchema,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { describe, expect, test } from "vitest";
import { seeded } from "./random.ts";
import {
  type AcceptRules,
  acceptArtifact,
  generateSigningKey,
  type ManifestFields,
  parseManifest,
  pemBlocks,
  signArtifact,
  signingKeyFromPem,
} from "./signing.ts";

const nowMs = Date.UTC(2026, 5, 2);
const pem = generateSigningKey();
const key = signingKeyFromPem(pem.privatePem);
const stranger = signingKeyFromPem(generateSigningKey().privatePem);
const payload = new Uint8Array(600).map((_, i) => i);

const fields: ManifestFields = {
  kind: ArtifactKind.FOREST,
  name: "forest/W13",
  version: 5,
  site: "riverside",
  target: "fog",
  stage: "W13",
  mediaType: "application/onnx",
  createdAtMs: nowMs - 1,
  expiresAtMs: nowMs + 1,
  trainedOn: "seed 1",
  metrics: { precision: 0.9 },
  minAgentVersion: "0.1.0",
};
const rules: AcceptRules = {
  trusted: [stranger.publicPem, key.publicPem],
  site: "riverside",
  target: "fog",
  nowMs,
  lastVersion: () => 4,
  agentVersion: "0.1.0",
};
const make = (over: Partial<ManifestFields> = {}, by = key): SignedArtifact =>
  signArtifact(by, { ...fields, ...over }, payload);
const verdict = (artifact: SignedArtifact, over: Partial<AcceptRules> = {}): string => {
  const accepted = acceptArtifact(artifact, { ...rules, ...over });
  return accepted.ok ? "accepted" : accepted.reason;
};

test("what was signed is accepted, and its manifest told", () => {
  const accepted = acceptArtifact(make(), rules);
  expect(accepted).toMatchObject({ ok: true, manifest: { ...fields, size: 600 } });
});

describe("each rule refuses with its own sentence", () => {
  test.each<[string, Partial<ManifestFields>, Partial<AcceptRules>, string]>([
    ["roll-back", { version: 3 }, {}, "version 3 is not newer than 4"],
    ["replay", { version: 4 }, {}, "version 4 is not newer than 4"],
    ["expiry", { expiresAtMs: nowMs }, {}, "expired 2026-06-02T00:00:00.000Z"],
    ["target", { target: "edge-w" }, {}, "made for edge-w, this is fog"],
    ["site", { site: "hillside" }, {}, "made for site hillside, this is riverside"],
    ["agent", { minAgentVersion: "0.1.1" }, {}, "needs agent 0.1.1, this is 0.1.0"],
    [
      "agent, two digits",
      { minAgentVersion: "0.10" },
      { agentVersion: "0.9.9" },
      "needs agent 0.10, this is 0.9.9",
    ],
    ["agent, older demand", { minAgentVersion: "0.0.9" }, {}, "accepted"],
    ["expiry, none", { expiresAtMs: Number.NaN }, {}, "expired at no time that can be read"],
    ["agent, no version", { minAgentVersion: "9.x" }, {}, "needs agent 9.x, this is 0.1.0"],
    ["agent, none", { minAgentVersion: "" }, {}, "accepted"],
  ])("%s", (_, manifest, over, sentence) => {
    expect(verdict(make(manifest), over)).toBe(sentence);
  });

  test("unknown and missing keys", () => {
    const other = signingKeyFromPem(generateSigningKey().privatePem);
    expect(verdict(make({}, other))).toBe(`signed by key ${other.id}, which is not trusted here`);
    expect(verdict(make(), { trusted: [] })).toMatch(/which is not trusted here$/);
    expect(verdict(create(SignedArtifactSchema))).toBe(
      "signed by key (none), which is not trusted here",
    );
  });

  test("a key file that is damaged or of another kind trusts nobody and harms nobody", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = publicKey.export({ type: "spki", format: "pem" }) as string;
    expect(verdict(make(), { trusted: ["nonsense", other, key.publicPem] })).toBe("accepted");
    expect(verdict(make(), { trusted: ["nonsense", other] })).toMatch(/not trusted here$/);
  });

  test("another trusted key's name on our signature", () => {
    expect(verdict({ ...make(), keyId: stranger.id })).toBe(
      "the signature does not match the manifest",
    );
  });

  test("another payload, cut or exchanged between two artifacts", () => {
    const other = signArtifact(key, { ...fields, version: 6 }, payload.slice(1));
    expect(verdict({ ...make(), payload: other.payload })).toBe(
      "the payload is not the one that was signed",
    );
    expect(verdict({ ...make(), manifest: other.manifest })).toBe(
      "the signature does not match the manifest",
    );
  });
});

test("no one-bit flip anywhere is accepted, and each is refused for the right reason", () => {
  const original = make();
  const random = seeded(2026, "bit flips");
  const reasons = {
    manifest: /^the signature does not match the manifest$/,
    signature: /^the signature does not match the manifest$/,
    payload: /^the payload is not the one that was signed$/,
    keyId: /which is not trusted here$/,
  };
  const parts = Object.keys(reasons) as (keyof typeof reasons)[];
  for (let i = 0; i < 1_000; i++) {
    const part = elementAt(parts, i % parts.length);
    const flipped = clone(SignedArtifactSchema, original);
    if (part === "keyId") {
      const codes = [...flipped.keyId].map((c) => c.charCodeAt(0));
      const at = random.integer(codes.length);
      codes[at] = numberAt(codes, at) ^ (1 << random.integer(7));
      flipped.keyId = String.fromCharCode(...codes);
    } else {
      const bytes = Uint8Array.from(flipped[part]);
      const at = random.integer(bytes.length);
      bytes[at] = u8(bytes, at) ^ (1 << random.integer(8));
      flipped[part] = bytes;
    }
    expect(equals(SignedArtifactSchema, flipped, original)).toBe(false);
    expect(verdict(flipped)).toMatch(reasons[part]);
  }
});

test("bytes that are no manifest are undefined, and a correct signature over them does not help", () => {
  expect(parseManifest(new Uint8Array([0xff]))).toBeUndefined();
  const artifact = signArtifact(key, fields, payload);
  expect(verdict({ ...artifact, signature: new Uint8Array(3) })).toBe(
    "the signature does not match the manifest",
  );
});

test("the key's name is the same from the private and the public half", () => {
  expect(key.id).toMatch(/^[0-9a-f]{16}$/);
  expect(key.publicPem).toBe(pem.publicPem);
  expect(pemBlocks(`# fog\n${key.publicPem}\n# cloud\n${stranger.publicPem}`)).toEqual(
    [key, stranger].map((k) => k.publicPem.trim()),
  );
  expect(pemBlocks("")).toEqual([]);
});
