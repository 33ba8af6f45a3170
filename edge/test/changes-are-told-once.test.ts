/** A device that falls silent, a tag that is refused, and both well again: the fog hears of each change once, also over restarts. */
import { join } from "node:path";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { createEdge, type Edge } from "../src/edge.ts";
import { edgeMigrations } from "../src/edge-schema.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";
import { exception, VirtualSlave } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-w
connections: {plc: {type: modbus-tcp, host: plc, timeout: 500ms}}
devices:
  - {id: TANK1, connection: plc, unit: 1, tags: {L: {read: "holding:0", type: int16, every: 1s}, Q: {read: "input:0", type: int16, every: 1s}}}
  - {id: TANK2, connection: plc, unit: 2, tags: {L: {read: "holding:0", type: int16, every: 1s}}}
`;

function plant() {
  const folder = tempDir();
  const clock = new SimulatedClock(startMs);
  const slave = new VirtualSlave(clock);
  const fog = new ScriptedFog();
  const broken = { refuses: false, isSilent: false };
  slave.behaviour = (request, answer, link) => {
    if (request[6] === 2 && broken.isSilent) return;
    const isRefused = broken.refuses && request[7] === 4;
    link.send(isRefused ? exception(request, 2) : answer);
  };
  const build = (): Edge => {
    const db = openSqlite(join(folder, "edge.db"), {
      synchronous: "NORMAL",
      migrations: edgeMigrations,
    });
    return createEdge({
      configuration: configurationOf(yaml),
      clock,
      ioClock: clock,
      random: seeded(1),
      logger: silentLogger,
      channelFor: () => slave.open,
      latchStore: openLatchFile(join(folder, "latched-trips")),
      db,
      line: fog.line(),
      trusted: () => [],
    });
  };
  const told = () =>
    fog.events.splice(0).flatMap(({ event: { body } }) => {
      if (body.case === "quality") {
        const { tag, quality, code } = body.value;
        return [`${tag} ${quality === Quality.GOOD ? "good" : code}`];
      }
      if (body.case !== "deviceLink") return [];
      const { device, connection, up } = body.value;
      return [`${device || connection} ${up ? "up" : "down"}`];
    });
  return { clock, fog, broken, build, told };
}

test("each change once: through kills, fallen uplinks, and well again while nobody ran", async () => {
  const { clock, broken, build, told } = plant();
  let edge = build();
  edge.start();
  await clock.advance(20_000);
  expect(told()).toEqual(["plc up"]);

  broken.refuses = true;
  broken.isSilent = true;
  await clock.advance(60_000);
  const bad = told();
  expect(bad.filter((line) => !line.startsWith("plc")).sort()).toEqual([
    `TANK1/Q ${QualityReason.REFUSED}`,
    "TANK2 down",
    `TANK2/L ${QualityReason.NO_ANSWER}`,
  ]);

  // Neither a fallen uplink nor a killed process makes it news.
  edge.restartUplink();
  await clock.advance(60_000);
  edge.kill();
  await clock.advance(10_000);
  edge = build();
  edge.start();
  await clock.advance(60_000);
  expect(told().filter((line) => !line.startsWith("plc"))).toEqual([]);

  // Both are well again while the agent is down: it says so, once.
  edge.kill();
  broken.refuses = false;
  broken.isSilent = false;
  await clock.advance(10_000);
  edge = build();
  edge.start();
  await clock.advance(60_000);
  expect(
    told()
      .filter((line) => !line.startsWith("plc"))
      .sort(),
  ).toEqual(["TANK1/Q good", "TANK2 up", "TANK2/L good"]);
  edge.kill();
  await clock.advance(10_000);
  edge = build();
  edge.start();
  await clock.advance(60_000);
  expect(told().filter((line) => !line.startsWith("plc"))).toEqual([]);
  edge.kill();
});

test("the status to the fog says why and since when, and that it is over", async () => {
  const { clock, fog, broken, build } = plant();
  const edge = build();
  edge.start();
  await clock.advance(20_000);
  expect(fog.statuses.at(-1)).toMatchObject({ problems: [], conditions: [], moreProblems: 0 });
  broken.refuses = true;
  const beganMs = clock.nowMs();
  await clock.advance(60_000);
  const { problems = [], conditions = [] } = fog.statuses.at(-1) ?? {};
  expect(problems.map(({ code, subject }) => [code, subject])).toEqual([
    ["tag-refused", "TANK1/Q"],
  ]);
  expect(conditions).toMatchObject([
    {
      tag: "TANK1/Q",
      quality: Quality.BAD,
      reason: QualityReason.REFUSED,
      detail: "exception 2: illegal data address (input:0)",
    },
  ]);
  expect(Math.abs((conditions[0]?.sinceMs ?? 0) - beganMs)).toBeLessThanOrEqual(1_500);
  expect(conditions[0]?.lastGoodMs).toBeLessThanOrEqual(conditions[0]?.sinceMs ?? 0);
  broken.refuses = false;
  await clock.advance(30_000);
  expect(fog.statuses.at(-1)).toMatchObject({ problems: [], conditions: [] });
  edge.kill();
});
