/** Nothing but what was signed for this edge, whole and in time, reaches the control thread. */

import { fromBinary } from "@bufbuild/protobuf";
import { elementAt, u8 } from "@weir/contracts/elements.ts";
import { seal } from "@weir/contracts/envelope.ts";
import {
  ManifestSchema,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  generateSigningKey,
  type ManifestFields,
  signArtifact,
  signingKeyFromPem,
} from "@weir/runtime/signing.ts";
import { describe, expect, test } from "vitest";
import { startMs } from "../../test/edge-rig.ts";
import {
  artifact,
  configurationFields,
  detector,
  detectorFields,
  equalMessages,
  overlay,
  payload,
  rigUp,
  settled,
} from "../../test/signed-artifacts.ts";

describe("whatever is not exactly what was signed for this edge, now, is refused", () => {
  const kinds: [string, SignedArtifact][] = [
    ["thresholds", artifact()],
    ["a configuration", artifact(configurationFields, overlay())],
    ["a detector", artifact(detectorFields, detector({ "D11/CL01": { threshold: 3 } }))],
  ];

  test("10 000 single flipped bits", async () => {
    const rig = await rigUp();
    let sent = 0;
    for (let i = 0; sent < 10_000; i++) {
      const good = seal("model", elementAt(kinds, i % kinds.length)[1]);
      const bit = (i * 7_919) % (good.length * 8);
      const bad = good.slice();
      bad[bit >> 3] = u8(bad, bit >> 3) ^ (1 << (bit & 7));
      if (equalMessages(bad, good)) continue;
      rig.fog.send("model", bad);
      sent++;
      if (sent % 500 === 0) await settled(rig);
    }
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
    expect(rig.fog.acks.every(({ accepted }) => !accepted)).toBe(true);
  });

  const strangers = signingKeyFromPem(generateSigningKey().privatePem);
  const wrongly: [string, (good: SignedArtifact) => SignedArtifact][] = [
    ["another key", (good) => ({ ...good, signature: resigned(good).signature })],
    ["another key under its own name", (good) => ({ ...good, ...resigned(good) })],
    ["no signature", (good) => ({ ...good, signature: new Uint8Array() })],
    ["the payload of another", (good) => ({ ...good, payload: payload({}) })],
    ["a shorter payload", (good) => ({ ...good, payload: good.payload.subarray(1) })],
    [
      "a longer payload",
      (good) => ({ ...good, payload: Buffer.concat([good.payload, Buffer.of(32)]) }),
    ],
    [
      "the manifest of another",
      (good) => ({ ...good, manifest: artifact({ version: 9 }).manifest }),
    ],
  ];
  const resigned = (good: SignedArtifact) => {
    const { signature, keyId } = signArtifact(
      strangers,
      fromBinary(ManifestSchema, good.manifest),
      good.payload,
    );
    return { signature, keyId };
  };

  test.each(wrongly)("%s", async (_, change) => {
    const rig = await rigUp();
    for (const [, good] of kinds) rig.fog.send("model", seal("model", change(good)));
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
  });

  test.each<[string, Partial<ManifestFields>]>([
    ["another edge", { target: "edge-d" }],
    ["another site", { site: "hillside" }],
    ["frozen: past its expiry", { expiresAtMs: startMs }],
    ["an expiry that is no number", { expiresAtMs: Number.NaN }],
    ["version 0", { version: 0 }],
  ])("%s", async (_, fields) => {
    const rig = await rigUp();
    rig.fog.send("model", seal("model", artifact(fields)));
    rig.fog.send(
      "model",
      seal("model", artifact({ ...configurationFields, ...fields }, overlay())),
    );
    rig.fog.send("model", seal("model", artifact({ ...detectorFields, ...fields }, detector({}))));
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
    expect(rig.fog.acks.map(({ accepted }) => accepted)).toEqual([false, false, false]);
  });

  test("truncated anywhere", async () => {
    const rig = await rigUp();
    for (const [, good] of kinds) {
      const bytes = seal("model", good);
      for (let size = 0; size < bytes.length; size++) rig.fog.send("model", bytes.slice(0, size));
    }
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
  });

  test("older versions, each kind by itself", async () => {
    const rig = await rigUp();
    const send = (version: number) => {
      rig.fog.send("model", seal("model", artifact({ version })));
      rig.fog.send(
        "model",
        seal("model", artifact({ ...configurationFields, version }, overlay())),
      );
      rig.fog.send("model", seal("model", artifact({ ...detectorFields, version }, detector({}))));
    };
    for (const version of [5, 4, 1]) {
      send(version);
      await settled(rig);
    }
    expect(rig.control.orders).toHaveLength(3);
    expect(rig.fog.acks.filter(({ accepted }) => accepted)).toHaveLength(3);
  });
});
