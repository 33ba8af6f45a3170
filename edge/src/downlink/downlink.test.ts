import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { u8 } from "@weir/contracts/elements.ts";
import { seal } from "@weir/contracts/envelope.ts";
import { ArtifactKind, ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { type Command, CommandSchema } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import type { ManifestFields } from "@weir/runtime/signing.ts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EdgeRig, edgeRig, startMs } from "../../test/edge-rig.ts";
import {
  artifact,
  configurationFields,
  detector,
  detectorFields,
  equalMessages,
  hourMs,
  overlay,
  overlayText,
  payload,
  rigUp,
  settled,
  trusted,
} from "../../test/signed-artifacts.ts";

function command(body: Command["body"], fields: Partial<Command> = {}): Uint8Array {
  return seal(
    "command",
    create(CommandSchema, {
      id: "c-1",
      issuedAtMs: startMs,
      expiresAtMs: startMs + hourMs,
      issuedBy: "ann",
      reason: "checked the pump",
      body,
      ...fields,
    }),
  );
}

const reset = { case: "resetTrip" as const, value: { rule: "CL-HIGH" } as never };

const outcomes = ({ fog }: EdgeRig) =>
  fog.events.flatMap(({ event }) =>
    event.body.case === "artifact" ? [event.body.value.outcome] : [],
  );
const { STAGED, ACTIVE, REFUSED, ROLLED_BACK } = ArtifactOutcome;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-downlink-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("artifacts", () => {
  test("good thresholds are staged, applied, acknowledged, written down", async () => {
    const rig = await rigUp();
    rig.fog.send("model", seal("model", artifact()));
    await settled(rig);
    expect(rig.control.orders).toMatchObject([
      { kind: "apply-thresholds", ref: "thresholds/edge-w@1", version: 1 },
    ]);
    expect(rig.fog.acks).toMatchObject([{ ref: "thresholds/edge-w@1", accepted: true }]);
    expect(outcomes(rig)).toEqual([STAGED, ACTIVE]);
    expect(rig.uplink.snapshot().artifacts).toMatchObject([
      { version: 1, outcome: ACTIVE, where: "edge-w" },
    ]);
    const audit = openAuditLog(rig.db, () => 0);
    expect(audit.recent(1)).toMatchObject([
      { action: "artifact.activate", subject: "thresholds/edge-w@1" },
    ]);
    expect(audit.verify().ok).toBe(true);
  });

  test.each<[string, Partial<ManifestFields>, RegExp]>([
    ["another target", { target: "edge-d" }, /made for edge-d/],
    ["another site", { site: "hillside" }, /made for site hillside/],
    ["an expired one", { expiresAtMs: startMs - 1 }, /expired/],
    ["one for a newer agent", { minAgentVersion: "9.0.0" }, /needs agent 9/],
    ["a model", { kind: ArtifactKind.FOREST }, /models run in the fog/],
  ])("%s is refused with the reason", async (_, fields, reason) => {
    const rig = await rigUp();
    rig.fog.send("model", seal("model", artifact(fields)));
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
    expect(rig.fog.acks).toMatchObject([
      { accepted: false, reason: expect.stringMatching(reason) },
    ]);
    expect(outcomes(rig)).toEqual([REFUSED]);
  });

  test("no flipped bit gets through", async () => {
    const rig = await rigUp();
    const good = seal("model", artifact());
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bad = good.slice();
        bad[bit >> 3] = u8(bad, bit >> 3) ^ (1 << (bit & 7));
        // Two bits of each field's head, the wire type, do not change what protobuf reads.
        fc.pre(!equalMessages(bad, good));
        rig.fog.send("model", bad);
        await settled(rig);
        expect(rig.control.orders).toEqual([]);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test("an older version after a newer one is a roll-back, also after a restart", async () => {
    const file = join(folder, "edge.db");
    const first = await rigUp({ file });
    first.fog.send("model", seal("model", artifact({ version: 2 })));
    await settled(first);
    first.uplink.abandon();
    const second = await rigUp({ file, clock: first.clock, fog: first.fog });
    expect(second.control.orders).toMatchObject([{ kind: "apply-thresholds", version: 2 }]);
    second.fog.send("model", seal("model", artifact({ version: 1 })));
    await settled(second);
    expect(second.fog.acks.at(-1)).toMatchObject({
      accepted: false,
      reason: "version 1 is not newer than 2",
    });
  });

  test("the same artifact again is answered again, not applied again", async () => {
    const rig = await rigUp();
    const bytes = seal("model", artifact());
    rig.fog.send("model", bytes);
    await settled(rig);
    rig.fog.send("model", bytes);
    await settled(rig);
    expect(rig.control.orders.length).toBe(1);
    expect(rig.fog.acks.map((ack) => ack.accepted)).toEqual([true, true]);
  });

  test("what the control thread refuses is refused, and a hard limit cannot even be named", async () => {
    const rig = await rigUp();
    rig.control.reply = () => ({ accepted: false, reason: "deltaMax 9 is above 1" });
    rig.fog.send("model", seal("model", artifact()));
    rig.fog.send(
      "model",
      seal("model", artifact({ version: 2 }, payload({ "D11/CL01": { hardHigh: 9 } }))),
    );
    await settled(rig);
    expect(rig.fog.acks.map((ack) => ack.reason)).toEqual([
      "deltaMax 9 is above 1",
      expect.stringMatching(/hardHigh cannot be set from outside/),
    ]);
    expect(rig.control.orders.length).toBe(1);
  });

  test("when the site's file no longer allows the active version, the one before is applied", async () => {
    const file = join(folder, "edge.db");
    const first = await rigUp({ file });
    for (const version of [1, 2]) {
      first.fog.send("model", seal("model", artifact({ version })));
      await settled(first);
    }
    first.uplink.abandon();
    const second = edgeRig({ file, clock: first.clock, fog: first.fog, trusted });
    second.control.reply = (order) =>
      order.kind === "apply-thresholds" && order.version === 2
        ? { accepted: false, reason: "out of bounds" }
        : { accepted: true, reason: "" };
    second.control.giveTags();
    await second.clock.advance(1_000);
    expect(second.control.orders.map((o) => o.kind === "apply-thresholds" && o.version)).toEqual([
      2, 1,
    ]);
    expect(second.uplink.snapshot().artifacts.map((a) => [a.version, a.outcome])).toEqual([
      [1, ACTIVE],
      [2, ROLLED_BACK],
    ]);
  });

  test("killed between staging and the answer: it is applied at the next start and answered then", async () => {
    const file = join(folder, "edge.db");
    const first = await rigUp({ file });
    first.control.reply = undefined;
    first.fog.send("model", seal("model", artifact()));
    await settled(first);
    expect(first.fog.acks).toEqual([]);
    first.uplink.abandon();
    const second = await rigUp({ file, clock: first.clock, fog: first.fog });
    await second.clock.advance(1_000);
    expect(second.fog.acks).toMatchObject([{ ref: "thresholds/edge-w@1", accepted: true }]);
    expect(second.uplink.snapshot().artifacts).toMatchObject([{ version: 1, outcome: ACTIVE }]);
  });
});

describe("commands", () => {
  test("a reset goes to the control thread and its word comes back", async () => {
    const rig = await rigUp();
    rig.control.reply = () => ({
      accepted: false,
      reason: "free chlorine is still above 4.0 mg/L",
    });
    rig.fog.send("command", command(reset));
    await settled(rig);
    expect(rig.control.orders).toEqual([
      { kind: "reset-trip", ref: "c-1", rule: "CL-HIGH", by: "ann", reason: "checked the pump" },
    ]);
    expect(rig.fog.acks).toMatchObject([
      { ref: "c-1", accepted: false, reason: "free chlorine is still above 4.0 mg/L" },
    ]);
  });

  test("one id is carried out once, over restarts, and answered each time", async () => {
    const file = join(folder, "edge.db");
    const first = await rigUp({ file });
    first.fog.send("command", command(reset));
    first.fog.send("command", command(reset));
    await settled(first);
    first.uplink.abandon();
    const second = await rigUp({ file, clock: first.clock, fog: first.fog });
    second.fog.send("command", command(reset));
    await settled(second);
    expect([...first.control.orders, ...second.control.orders].length).toBe(1);
    expect(second.fog.acks.every((ack) => ack.ref === "c-1" && ack.accepted)).toBe(true);
  });

  test.each<[string, Command["body"], Partial<Command>, RegExp]>([
    ["an expired one", reset, { expiresAtMs: startMs }, /expired/],
    ["one without a name to it", reset, { issuedBy: "" }, /who gave it/],
    [
      "a bypass for a week",
      { case: "setBypass", value: { rule: "CL-HIGH", active: true, forMs: 168 * hourMs } as never },
      {},
      /at most 24 h/,
    ],
    [
      "a bypass without a reason",
      { case: "setBypass", value: { rule: "CL-HIGH", active: true, forMs: 0 } as never },
      { reason: "" },
      /needs a reason/,
    ],
    ["an unknown one", { case: undefined }, {}, /says nothing/],
  ])("%s is refused", async (_, body, fields, reason) => {
    const rig = await rigUp();
    rig.fog.send("command", command(body, fields));
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
    expect(rig.fog.acks).toMatchObject([
      { accepted: false, reason: expect.stringMatching(reason) },
    ]);
  });

  test("an answer given while the fog is away is sent when it is back", async () => {
    const rig = await rigUp();
    rig.control.reply = undefined;
    rig.fog.send("command", command(reset));
    await settled(rig);
    rig.fog.isUp = false;
    rig.line.cut();
    rig.control.give({ kind: "answer", ref: "c-1", accepted: true, reason: "" });
    await rig.clock.advance(5_000);
    expect(rig.fog.acks).toEqual([]);
    rig.fog.isUp = true;
    await rig.clock.advance(60_000);
    expect(rig.fog.acks).toMatchObject([{ ref: "c-1", accepted: true }]);
  });

  test("rebirth sends the birth again", async () => {
    const rig = await rigUp();
    const before = rig.fog.births.length;
    rig.fog.send("command", command({ case: "rebirth", value: {} as never }));
    await settled(rig);
    expect(rig.fog.births.length).toBe(before + 1);
    expect(rig.fog.acks).toMatchObject([{ accepted: true }]);
  });

  test("garbage, foreign schemas and endless reasons do no harm", async () => {
    const rig = await rigUp();
    rig.fog.send("command", Uint8Array.of(9, 9, 9));
    rig.fog.send("command", seal("model", artifact()));
    rig.fog.send("command", command(reset, { reason: "x".repeat(100_000) }));
    await settled(rig);
    expect(rig.fog.acks.length).toBe(1);
  });
});

describe("configurations and detectors from above", () => {
  test("a configuration is staged, tried, active, and every step is in the audit log", async () => {
    const rig = await rigUp();
    rig.control.reply = undefined;
    rig.fog.send("model", seal("model", artifact(configurationFields, overlay())));
    await settled(rig);
    const ref = "edge-configuration/edge-w@1";
    expect(rig.control.orders).toMatchObject([
      { kind: "apply-configuration", ref, version: 1, text: overlayText },
    ]);
    expect(outcomes(rig)).toEqual([STAGED]);
    // The tag table of the configuration on trial: what is being tried is not ordered again.
    rig.control.giveTags(3, "bb");
    await settled(rig);
    expect(rig.control.orders).toHaveLength(1);
    rig.control.give({ kind: "answer", ref, accepted: true, reason: "" });
    await settled(rig);
    expect(outcomes(rig)).toEqual([STAGED, ACTIVE]);
    const actions = openAuditLog(rig.db, () => 0).recent(2);
    expect(actions.map(({ action }) => action).sort()).toEqual([
      "artifact.activate",
      "artifact.stage",
    ]);
  });

  test("one that failed its trial is rolled back, and the one before is ordered at the next start", async () => {
    const file = join(folder, "edge.db");
    const rig = await rigUp({ file });
    rig.fog.send("model", seal("model", artifact(configurationFields, overlay())));
    await settled(rig);
    rig.control.reply = (order) =>
      order.kind === "apply-configuration"
        ? { accepted: false, reason: "no reading from D11", isTakenBack: true }
        : undefined;
    rig.fog.send(
      "model",
      seal("model", artifact({ ...configurationFields, version: 2 }, overlay())),
    );
    await settled(rig);
    expect(outcomes(rig)).toEqual([STAGED, ACTIVE, STAGED, ROLLED_BACK]);
    rig.uplink.abandon();
    const second = await rigUp({ file, clock: rig.clock, fog: rig.fog });
    expect(second.control.orders).toMatchObject([{ kind: "apply-configuration", version: 1 }]);
    // What was rolled back is not taken again.
    second.fog.send(
      "model",
      seal("model", artifact({ ...configurationFields, version: 2 }, overlay())),
    );
    await settled(second);
    expect(second.fog.acks.at(-1)).toMatchObject({ accepted: false });
    expect(second.control.orders).toHaveLength(1);
  });

  test("one that is no text is refused unread", async () => {
    const rig = await rigUp();
    const bytes = Uint8Array.of(0xff, 0xfe, 0x00);
    rig.fog.send("model", seal("model", artifact(configurationFields, bytes)));
    await settled(rig);
    expect(rig.control.orders).toEqual([]);
    expect(rig.fog.acks).toMatchObject([
      { accepted: false, reason: expect.stringMatching(/UTF-8/) },
    ]);
  });

  test("a detector is bounded in form; a name of another kind is refused", async () => {
    const rig = await rigUp();
    const send = (fields: Partial<ManifestFields>, bytes: Uint8Array<ArrayBuffer>) =>
      rig.fog.send("model", seal("model", artifact({ ...detectorFields, ...fields }, bytes)));
    send({}, detector({ "D11/CL01": { threshold: 3 } }));
    send({ version: 2 }, detector({ "D11/CL01": { hardHigh: 3 } }));
    send({ version: 3 }, detector({ "D11/CL01": { threshold: -1 } }));
    send({ version: 4, name: "thresholds/edge-w" }, detector({}));
    send({ version: 5 }, payload());
    await settled(rig);
    expect(rig.control.orders).toMatchObject([{ kind: "apply-detector", version: 1 }]);
    expect(rig.fog.acks.map(({ accepted }) => accepted)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
