/** One uplink on a simulated clock, with a control thread that does what the test says. */
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { edgeMigrations } from "../src/edge-schema.ts";
import type { ControlPort, Notice, Order, ReadingBatch } from "../src/hand-over.ts";
import { Uplink, type UplinkOptions } from "../src/uplink/uplink.ts";
import { defaultUplinkSettings } from "../src/uplink-settings.ts";
import { ScriptedFog } from "./scripted-fog.ts";

export const startMs = Date.parse("2026-06-02T05:00:00Z");

export class ScriptedControl implements ControlPort {
  readonly orders: Order[] = [];
  /** What `order` answers, when it answers at once. */
  reply: ((order: Order) => { accepted: boolean; reason: string } | undefined) | undefined =
    () => ({
      accepted: true,
      reason: "",
    });
  #listener: ((notice: Notice) => void) | undefined;

  onNotice(listener: (notice: Notice) => void): void {
    this.#listener = listener;
  }

  order(order: Order): void {
    this.orders.push(order);
    if (order.kind === "stop" || order.kind === "inbound") return;
    const reply = this.reply?.(order);
    if (reply) this.give({ kind: "answer", ref: order.ref, ...reply });
  }

  give(notice: Notice): void {
    this.#listener?.(notice);
  }

  giveTags(count = 3, configSha256 = "aa"): void {
    const tags = Array.from({ length: count }, (_, index) => ({
      index,
      id: `D11/CL0${index}`,
      device: "D11",
      name: `CL0${index}`,
      resolution: 0.01,
      periodMs: 1_000,
    }));
    this.give({ kind: "tags", tags, configSha256 });
  }

  giveReadings(atMs: number, count = 3): void {
    const batch: ReadingBatch = {
      tags: Uint16Array.from({ length: count }, (_, i) => i),
      timesMs: new Float64Array(count).fill(atMs),
      values: Float64Array.from({ length: count }, (_, i) => 1 + i / 100),
      qualities: new Uint8Array(count),
    };
    this.give({ kind: "readings", batch });
  }
}

export interface EdgeRig {
  clock: SimulatedClock;
  fog: ScriptedFog;
  control: ScriptedControl;
  uplink: Uplink;
  line: ReturnType<ScriptedFog["line"]>;
  db: SqlDatabase;
  /** Readings once a second, for so many seconds. */
  run: (seconds: number) => Promise<void>;
}

export interface EdgeRigOptions extends Partial<UplinkOptions> {
  file?: string;
  clock?: SimulatedClock;
  fog?: ScriptedFog;
  quotaBytes?: number;
}

export function edgeRig(options: EdgeRigOptions = {}): EdgeRig {
  const clock = options.clock ?? new SimulatedClock(startMs);
  const fog = options.fog ?? new ScriptedFog();
  const control = new ScriptedControl();
  const line = fog.line();
  const db = openSqlite(options.file ?? ":memory:", {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const uplink = new Uplink({
    site: "riverside",
    edge: "edge-w",
    agentVersion: "0.1.0",
    settings: {
      ...defaultUplinkSettings,
      reserveBytes: 0,
      quotaBytes: options.quotaBytes ?? defaultUplinkSettings.quotaBytes,
    },
    plantClock: clock,
    ioClock: clock,
    random: seeded(1),
    logger: silentLogger,
    db,
    audit: openAuditLog(db, () => clock.nowMs()),
    line,
    url: "memory:",
    control,
    trusted: () => [],
    ...options,
  });
  uplink.start();
  const run = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      control.giveReadings(clock.nowMs());
      await clock.advance(1_000);
    }
  };
  return { clock, fog, control, uplink, line, db, run };
}
