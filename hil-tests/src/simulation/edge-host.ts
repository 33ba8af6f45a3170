/** The machine of one edge agent: its files, its cables, and a process that lives and dies on it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { createEdge, type Edge } from "@weir/edge/edge.ts";
import { edgeMigrations } from "@weir/edge/edge-schema.ts";
import { openLatchFile } from "@weir/edge/safety/latch-store.file.ts";
import type { UplinkReport } from "@weir/edge/uplink/uplink-snapshot.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { fullableDatabase } from "@weir/testing/fullable-database.ts";
import type { EdgeLine } from "./edge-line.ts";
import type { GatewayLine } from "./gateway-channel.ts";
import { ProcessClock } from "./process-clock.ts";

export interface EdgeHostOptions {
  configuration: Configuration;
  folder: string;
  world: Clock;
  ioRate: number;
  seed: number;
  logger: Logger;
  line: EdgeLine;
  /** By connection id. */
  gateways: ReadonlyMap<string, GatewayLine>;
  /** Ed25519 public keys of fog and cloud, PEM. */
  trusted: () => readonly string[];
  /** Plant time of one telemetry batch. */
  blockEveryMs: number;
  statusEveryMs: number;
  quotaBytes?: number | undefined;
  onReport: (report: UplinkReport) => void;
}

interface Life {
  edge: Edge;
  db: SqlDatabase;
  closeLatch: () => void;
  clocks: ProcessClock[];
}

export class EdgeHost {
  readonly id: string;
  readonly line: EdgeLine;
  readonly gateways: ReadonlyMap<string, GatewayLine>;
  /** How far the calendar is ahead of the world's, from each world time on: boots and jumps. */
  readonly calendar: { atMs: number; skewMs: number }[] = [];
  bootCount = 0;
  /** Others have filled the disk. */
  readonly disk = { isFull: false };
  readonly #options: EdgeHostOptions;
  #life: Life | undefined;
  /** What detection has learned, as its file keeps it. */
  #learned: Uint8Array | undefined;

  constructor(options: EdgeHostOptions) {
    this.#options = options;
    this.id = options.configuration.edge;
    this.line = options.line;
    this.gateways = options.gateways;
    mkdirSync(options.folder, { recursive: true });
  }

  /** The running agent; undefined while it is dead. */
  get edge(): Edge | undefined {
    return this.#life?.edge;
  }

  start(skewMs = 0): void {
    const { world, ioRate, seed, logger, line, gateways, configuration } = this.#options;
    const clock = new ProcessClock(world, { rate: 1, skewMs });
    const ioClock = new ProcessClock(world, { rate: ioRate, skewMs });
    const latchStore = openLatchFile(join(this.#options.folder, "latched-trips"));
    const db = openSqlite(join(this.#options.folder, "edge.db"), {
      synchronous: "NORMAL",
      migrations: edgeMigrations,
    });
    const { blockEveryMs, statusEveryMs, quotaBytes } = this.#options;
    // The few rows of a boot fit into the reserve that the outbox keeps in its file.
    let isBooted = false;
    const edge = createEdge({
      configuration,
      channelFor: ({ id }) => (gateways.get(id) as GatewayLine).open,
      latchStore,
      clock,
      ioClock,
      random: seeded(seed, `${this.id}/${this.bootCount}`),
      logger: logger.child({ tier: this.id }),
      db: fullableDatabase(db, () => isBooted && this.disk.isFull),
      line: line.newLink(),
      trusted: this.#options.trusted,
      learnedStore: {
        load: () => this.#learned,
        save: (bytes) => {
          this.#learned = bytes;
        },
      },
      settings: { blockEveryMs, statusEveryMs, ...(quotaBytes && { quotaBytes }) },
      onReport: this.#options.onReport,
    });
    this.bootCount++;
    this.calendar.push({ atMs: world.nowMs(), skewMs });
    this.#life = {
      edge,
      db,
      closeLatch: () => latchStore.close(),
      clocks: [clock, ioClock],
    };
    edge.start();
    isBooted = true;
  }

  /** Somebody sets the machine's calendar; harmless while the agent is dead. */
  jumpCalendar(byMs: number): void {
    const skewMs = (this.calendar.at(-1)?.skewMs ?? 0) + byMs;
    if (!this.#life) return;
    for (const clock of this.#life.clocks) clock.jump(byMs);
    this.calendar.push({ atMs: this.#options.world.nowMs(), skewMs });
  }

  /** As kill -9: files stay as they are, connections end. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.edge.kill();
    for (const clock of life.clocks) clock.kill();
    this.line.dropSession();
    life.closeLatch();
    life.db.close();
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    await life.edge.stop();
    for (const clock of life.clocks) clock.kill();
    life.closeLatch();
    life.db.close();
  }
}
