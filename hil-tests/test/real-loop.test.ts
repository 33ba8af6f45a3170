/** Simulator, cloud, fog and two edges as processes on real sockets: a trip, two kill -9, and the books at the end. */
import { balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { type EdgeId, edgeIds, isAlive, RealLoop } from "../src/processes/real-loop.ts";

const rate = 30;
const enough = 2_000;
/** A hang detector: two of these on a busy machine take their time. */
const hangMs = 300_000;

/** The durable ledger of a stopped edge. */
function ledgerOnDisk(loop: RealLoop, edge: EdgeId): LedgerCounts {
  const db = openSqlite(loop.path(edge, "edge.db"), { synchronous: "NORMAL", migrations: [""] });
  const counts = db
    .prepare("SELECT acquired, delivered, thinned, dropped FROM ledger")
    .get<Omit<LedgerCounts, "pending">>() as Omit<LedgerCounts, "pending">;
  const waiting = db
    .prepare("SELECT coalesce(sum(count), 0) AS pending FROM telemetry")
    .get<{ pending: number }>();
  db.close();
  return { ...counts, pending: waiting?.pending ?? 0 };
}

const grows = (loop: RealLoop, edge: EdgeId, beyond: number) =>
  loop.reach(`${edge}'s readings at the fog beyond ${beyond}`, () => loop.stored(edge), {
    fits: (stored) => stored > beyond,
  });

test(
  "the product as its users start it survives kill -9 of fog and edge and loses nothing",
  async () => {
    const loop = new RealLoop({ folder: tempDir(), seed: 7, rate });
    await loop.start();
    for (const edge of edgeIds) await grows(loop, edge, enough);

    await loop.inject({ actuator: "D11.dosing", failure: "runaway", dose: 6 });
    const trip = await loop
      .part("edge-d")
      .waitFor("trip", ({ rule }) => rule === "CL-HIGH", 60_000);
    expect(trip).toMatchObject({ edge: "edge-d", tag: "D11/CL01", simulated: false });
    await loop.part("edge-d").waitFor("output", ({ outcome }) => outcome === "verified");
    await loop.part("fog").waitFor("trip", ({ rule }) => rule === "CL-HIGH");

    await loop.part("fog").kill();
    const before = await loop.edgeStatus("edge-d");
    expect(balanced(before.ledger)).toBe(true);
    await loop.sleep(3_000);
    await loop.run("fog", ["--config", loop.path("fog.yaml")]);
    for (const edge of edgeIds) await grows(loop, edge, before.ledger.delivered);

    const { epoch } = await loop.edgeStatus("edge-w");
    const storedBefore = await loop.stored("edge-w");
    await loop.part("edge-w").kill();
    await loop.run("edge-w", ["--config", loop.path("edge-w.yaml")]);
    await grows(loop, "edge-w", storedBefore + enough);
    expect((await loop.edgeStatus("edge-w")).epoch).toBe(epoch + 1);

    const fog = await loop.reach("the fog hears of the latched trip", () => loop.fogStatus(), {
      fits: ({ edges }) =>
        edges.some(
          ({ edge, latchedTrips }) => edge === "edge-d" && latchedTrips.includes("CL-HIGH"),
        ),
    });
    expect(fog.cloud).toBe("online");
    await loop.command("weir-cloud", ["status", "--data-dir", loop.path("cloud")]);

    const stopped = await loop.stop(["edge-w", "edge-d"]);
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
