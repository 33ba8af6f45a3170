import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { balanced } from "@weir/contracts/ledger.ts";
import { shortIncarnation } from "@weir/runtime/incarnation.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { edgeRig, startMs } from "../../test/edge-rig.ts";
import { ScriptedFog } from "../../test/scripted-fog.ts";
import { farewellWithinMs, greetWithinMs, settleWithinMs } from "./limits.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-uplink-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("uplink", () => {
  test("says its birth, then one batch a second, live", async () => {
    const { control, fog, run, uplink, clock } = edgeRig();
    control.giveTags();
    await run(10);
    await clock.advance(2_000);
    expect(fog.births.at(-1)).toMatchObject({ epoch: 1, revision: 1, edge: "edge-w" });
    expect(fog.batches.map((b) => b.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(fog.batches.every((b) => !b.backlog && b.count === 3)).toBe(true);
    expect(uplink.snapshot().ledger).toEqual({
      acquired: 30,
      delivered: 30,
      thinned: 0,
      dropped: 0,
      pending: 0,
    });
    expect(fog.statuses.at(-1)?.ledger?.acquired).toBeGreaterThan(0);
  });

  test("keeps readings while the fog is away and sends the newest first when it is back", async () => {
    const { control, fog, line, run, uplink, clock } = edgeRig();
    control.giveTags();
    await run(3);
    fog.isUp = false;
    line.cut();
    await run(120);
    expect(uplink.snapshot().link.state).not.toBe("live");
    expect(uplink.snapshot().ledger.pending).toBeGreaterThan(300);
    fog.isUp = true;
    const before = fog.batches.length;
    await run(60);
    await clock.advance(3_000);
    const back = fog.batches.slice(before);
    expect(back[0]?.backlog).toBe(false);
    expect(back.filter((b) => b.backlog).length).toBeGreaterThan(100);
    for (const flag of [true, false]) {
      const order = back.filter((b) => b.backlog === flag).map((b) => b.sequence);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
    expect(uplink.snapshot().ledger.pending).toBe(0);
    expect(fog.stored).toBe(183 * 3);
  });

  test("a short gap is not backlog", async () => {
    const { control, fog, line, run, clock } = edgeRig();
    control.giveTags();
    await run(3);
    line.cut();
    await run(5);
    await clock.advance(3_000);
    expect(fog.batches.length).toBe(8);
    expect(fog.batches.filter((b) => b.backlog)).toEqual([]);
  });

  test("a batch that is never acknowledged is sent again over a new connection", async () => {
    const { control, fog, run, uplink, clock } = edgeRig();
    control.giveTags();
    await run(3);
    fog.losesAcks = true;
    await run(3);
    fog.losesAcks = false;
    await run(60);
    await clock.advance(5_000);
    expect(uplink.snapshot().ledger.pending).toBe(0);
    expect(uplink.snapshot().ledger.delivered).toBe(fog.stored);
  });

  test.each([
    ["acknowledges nothing any more", { losesAcks: true }],
    ["does not even take anything any more", { isUp: false }],
  ])(
    "a stop beside a fog that %s ends soon and keeps what was not acknowledged",
    async (_, fall) => {
      const file = join(folder, "edge.db");
      const clock = new SimulatedClock(startMs);
      const fog = new ScriptedFog();
      const rig = edgeRig({ file, fog, clock });
      rig.control.giveTags();
      await rig.run(3);
      Object.assign(fog, fall);
      await rig.run(3);
      const stopping = rig.uplink.stop();
      await clock.advance(settleWithinMs + farewellWithinMs);
      await stopping;
      const { ledger } = rig.uplink.snapshot();
      expect(ledger).toMatchObject({ acquired: 18, dropped: 0 });
      expect(ledger.pending).toBeGreaterThan(0);
      rig.db.close();

      fog.isUp = true;
      fog.losesAcks = false;
      const next = edgeRig({ file, fog, clock });
      next.control.giveTags();
      await clock.advance(5_000);
      expect(next.uplink.snapshot().ledger).toMatchObject({ pending: 0, delivered: 18 });
      expect(fog.stored).toBe(18);
    },
  );

  test("a fog that takes the connection and no birth is given up and tried again", async () => {
    const { control, fog, clock, uplink } = edgeRig();
    fog.losesAcks = true;
    control.giveTags();
    await clock.advance(greetWithinMs - 100);
    expect(uplink.snapshot().link.state).toBe("greeting");
    await clock.advance(100);
    expect(uplink.snapshot().link).toMatchObject({
      state: "offline",
      trouble: expect.stringMatching(/acknowledged nothing for 30 s/),
    });
    fog.losesAcks = false;
    await clock.advance(5_000);
    expect(uplink.snapshot().link.state).toBe("live");
  });

  test("an event goes out at once, readings wait for their second", async () => {
    const { control, fog, clock, uplink } = edgeRig();
    control.giveTags();
    await clock.advance(100);
    control.giveReadings(clock.nowMs());
    control.give({
      kind: "event",
      event: { atMs: clock.nowMs(), body: { case: "trip", value: { rule: "CL-HIGH" } } },
    });
    await clock.advance(10);
    expect(fog.events.map(({ event }) => [event.id, event.body.case])).toEqual([
      [`edge-w/1-${shortIncarnation(uplink.snapshot().incarnation)}/1`, "trip"],
    ]);
    expect(fog.batches).toEqual([]);
  });

  test("a new tag table closes the block of the old one and is announced", async () => {
    const { control, fog, clock } = edgeRig();
    control.giveTags(3);
    await clock.advance(100);
    control.giveReadings(clock.nowMs(), 3);
    control.giveTags(2, "bb");
    control.giveReadings(clock.nowMs(), 2);
    await clock.advance(3_000);
    expect(fog.births.map((b) => [b.revision, b.tags.length, b.configSha256])).toEqual([
      [1, 3, "aa"],
      [2, 2, "bb"],
    ]);
    expect(fog.batches.map((b) => b.count)).toEqual([3, 2]);
  });

  test("births the fog never saw come before the blocks that need them", async () => {
    const file = join(folder, "edge.db");
    const fog = new ScriptedFog();
    fog.isUp = false;
    const clock = new SimulatedClock(startMs);
    const first = edgeRig({ file, fog, clock });
    first.control.giveTags(3);
    await first.run(2);
    first.uplink.abandon();
    const second = edgeRig({ file, fog, clock });
    second.control.giveTags(1, "bb");
    fog.isUp = true;
    await clock.advance(60_000);
    expect(fog.births.map((b) => [b.epoch, b.tags.length])).toEqual([
      [1, 3],
      [2, 1],
    ]);
    expect(fog.stored).toBe(6 - 3); // the last second had not been committed when it was killed
    expect(second.uplink.snapshot().ledger.delivered).toBe(fog.stored);
  });

  test("an orderly stop commits what was gathered and says farewell", async () => {
    const { control, fog, run, uplink, clock } = edgeRig();
    control.giveTags();
    await run(2);
    control.giveReadings(clock.nowMs());
    await uplink.stop();
    expect(fog.deaths).toMatchObject([{ orderly: true, epoch: 1 }]);
    expect(uplink.snapshot().ledger).toMatchObject({ acquired: 9, delivered: 9, pending: 0 });
  });

  test("the time of a reading may go back without losing it", async () => {
    const { control, fog, clock } = edgeRig();
    control.giveTags(1);
    await clock.advance(10);
    control.giveReadings(startMs + 500, 1);
    control.giveReadings(startMs + 200, 1);
    await clock.advance(2_000);
    expect(fog.batches).toMatchObject([{ count: 2, firstMs: startMs + 200 }]);
  });
});

type Step =
  | "second"
  | "cut"
  | "fog down"
  | "fog up"
  | "lose acks"
  | "keep acks"
  | "kill"
  | "long wait";

test("whatever happens to edge, link and fog, stored = delivered in the end and nothing is lost", async () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant<Step>("second") },
      {
        weight: 4,
        arbitrary: fc.constantFrom<Step>(
          "cut",
          "fog down",
          "fog up",
          "lose acks",
          "keep acks",
          "kill",
          "long wait",
        ),
      },
    ),
    { maxLength: 60 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const file = join(folder, `${run++}.db`);
      const fog = new ScriptedFog();
      const clock = new SimulatedClock(startMs);
      let rig = edgeRig({ file, fog, clock });
      rig.control.giveTags();
      for (const each of script) {
        if (each === "second") await rig.run(1);
        if (each === "long wait") await clock.advance(20_000);
        if (each === "cut") rig.line.cut();
        if (each === "fog down") {
          fog.isUp = false;
          rig.line.cut();
        }
        if (each === "fog up") fog.isUp = true;
        if (each === "lose acks") fog.losesAcks = true;
        if (each === "keep acks") {
          fog.losesAcks = false;
          rig.line.cut();
        }
        if (each === "kill") {
          rig.uplink.abandon();
          rig.line.close();
          rig = edgeRig({ file, fog, clock });
          rig.control.giveTags();
        }
        expect(balanced(rig.uplink.snapshot().ledger)).toBe(true);
      }
      fog.isUp = true;
      fog.losesAcks = false;
      rig.line.cut();
      await clock.advance(120_000);
      const { ledger } = rig.uplink.snapshot();
      expect(ledger.pending).toBe(0);
      expect(ledger.dropped).toBe(0);
      expect(fog.stored).toBe(ledger.delivered);
      expect(ledger.delivered).toBe(ledger.acquired);
      rig.uplink.abandon();
    }),
    { numRuns: sized(40, 4_000) },
  );
});
