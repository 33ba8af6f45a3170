/** Simulator, cloud, fog and two edges as processes on real sockets: a trip, two kill -9, and the books at the end. */
import { balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import { edgeMigrations } from "@weir/edge/edge-schema.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { isAlive, RealLoop } from "../src/processes/real-loop.ts";

const rate = 30;
const enough = 2_000;
/** A hang detector: two of these on a busy machine take their time. */
const hangMs = 300_000;

/** The durable ledger of a stopped edge. */
function ledgerOnDisk(loop: RealLoop, edge: string): LedgerCounts {
  const db = openSqlite(loop.path(edge, "edge.db"), {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const counts = db
    .prepare("SELECT acquired, delivered, thinned, dropped FROM ledger")
    .get<Omit<LedgerCounts, "pending">>() as Omit<LedgerCounts, "pending">;
  const waiting = db
    .prepare("SELECT coalesce(sum(count), 0) AS pending FROM telemetry")
    .get<{ pending: number }>();
  db.close();
  return { ...counts, pending: waiting?.pending ?? 0 };
}

const grows = (loop: RealLoop, edge: string, beyond: number) =>
  loop.reach(`${edge}'s readings at the fog beyond ${beyond}`, () => loop.stored(edge), {
    fits: (stored) => stored > beyond,
  });

test.each(plantCases)(
  "$id: the product as its users start it survives kill -9 of fog and edge and loses nothing",
  async ({ plant, runaway }) => {
    const loop = new RealLoop({ plant, folder: tempDir(), seed: 7, rate });
    const { edgeIds } = loop;
    const { rule, tag, actuator, edge: tripping } = runaway;
    const other = edgeIds.find((edge) => edge !== tripping) as string;
    await loop.start();
    for (const edge of edgeIds) await grows(loop, edge, enough);

    const [entry] = loadScenario(plant, runaway.scenario).after;
    const dose = entry?.inject.what === "actuator" ? entry.inject.dose : undefined;
    await loop.inject({ actuator, failure: "runaway", dose });
    const trip = await loop
      .part(tripping)
      .waitFor("trip", (event) => event["rule"] === rule, 60_000);
    expect(trip).toMatchObject({ edge: tripping, tag, simulated: false });
    await loop.part(tripping).waitFor("output", ({ outcome }) => outcome === "verified");
    await loop.part("fog").waitFor("trip", (event) => event["rule"] === rule);

    await loop.part("fog").kill();
    const before = await loop.edgeStatus(tripping);
    expect(balanced(before.ledger)).toBe(true);
    await loop.sleep(3_000);
    await loop.run("fog", ["--config", loop.path("fog.yaml")]);
    for (const edge of edgeIds) await grows(loop, edge, before.ledger.delivered);

    const { epoch } = await loop.edgeStatus(other);
    const storedBefore = await loop.stored(other);
    await loop.part(other).kill();
    await loop.run(other, ["--config", loop.path(`${other}.yaml`)]);
    await grows(loop, other, storedBefore + enough);
    expect((await loop.edgeStatus(other)).epoch).toBe(epoch + 1);

    const fog = await loop.reach("the fog hears of the latched trip", () => loop.fogStatus(), {
      fits: ({ edges }) =>
        edges.some(({ edge, latchedTrips }) => edge === tripping && latchedTrips.includes(rule)),
    });
    expect(fog.cloud).toBe("online");
    await loop.command("weir-cloud", ["status", "--data-dir", loop.path("cloud")]);

    const stopped = await loop.stop(edgeIds);
    expect([...stopped.values()]).toEqual([0, 0]);
    for (const edge of edgeIds) {
      const ledger = ledgerOnDisk(loop, edge);
      expect(balanced(ledger)).toBe(true);
      expect(ledger.dropped).toBe(0);
      const stored = await loop.stored(edge);
      expect(stored).toBeGreaterThanOrEqual(ledger.delivered);
      expect(stored).toBeLessThanOrEqual(ledger.delivered + ledger.pending);
    }
    const codes = await loop.stop(["fog", "cloud", "sim"]);
    expect([...codes]).toEqual([
      ["fog", 0],
      ["cloud", 0],
      ["sim", 0],
    ]);
    expect(loop.pids.filter(isAlive)).toEqual([]);
  },
  hangMs,
);
