/**
 * The stores and lines of all three tiers over real files, small enough that hundreds of histories of
 * backups, restores, kills and clones run in seconds: an edge's outbox, a fog, a cloud's door and log.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { cloudBackup } from "@weir/cloud/cloud-backup.ts";
import { createDownlinkQueue, downlinkMigration } from "@weir/cloud/downlink/downlink-queue.ts";
import { type CloudDoorHandler, createCloudDoor } from "@weir/cloud/ingest/cloud-door.ts";
import { decodeItem } from "@weir/cloud/ingest/item-kind.ts";
import { createSqliteLog, sqliteLogMigrations } from "@weir/cloud/log/event-log.sqlite.ts";
import type { EventLog } from "@weir/cloud/log/event-log.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { seal } from "@weir/contracts/envelope.ts";
import { EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { FeedbackLabelSchema } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { edgeBackup } from "@weir/edge/edge-backup.ts";
import { edgeMigrations } from "@weir/edge/edge-schema.ts";
import { Outbox } from "@weir/edge/outbox/outbox.ts";
import type { Parcel, Stream } from "@weir/edge/outbox/parcel.ts";
import { sealBirth } from "@weir/edge/uplink/messages.ts";
import { numberingOf } from "@weir/edge/uplink/numbering.ts";
import { makeTagTable } from "@weir/edge/uplink/tag-table.ts";
import { type MemoryDoor, type MemorySession, memoryDoor } from "@weir/fog/broker/memory-door.ts";
import { createFog, type Fog } from "@weir/fog/fog.ts";
import { fogBackup } from "@weir/fog/fog-backup.ts";
import { type BackupRules, writeBackup } from "@weir/runtime/backup.ts";
import { type Incarnation, seededIncarnation } from "@weir/runtime/incarnation.ts";
import { type IntegrityLog, openIntegrityLog } from "@weir/runtime/integrity-log.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { restoreBackup } from "@weir/runtime/restore.ts";
import { generateSigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";

export const beginsMs = Date.parse("2026-06-02T05:00:00Z");
export const siteId = "harbour";

const site = {
  site: { id: siteId, name: "Harbour", tz: "UTC" },
  lines: [{ id: "T", name: "Tanks" }],
  stages: [{ id: "TANK1", name: "Tank 1", line: "T", upstream: [], equipment: "tank" }],
  kpis: [],
};
const tags = ["TANK1/LEVEL", "TANK1/TEMP"].map((id, index) => ({
  ...{ index, id, device: "TANK1", name: id.slice(6), stage: "TANK1" },
  ...{ resolution: 0.01, periodMs: 1_000 },
}));
const dictionary = makeDictionary(tags);
const signingKey = signingKeyFromPem(generateSigningKey().privatePem);

/** A folder that can be backed up while it is used, and restored while it is not. */
class Files {
  readonly path: string;
  readonly #rules: BackupRules;
  readonly #root: string;
  #count = 0;

  constructor(root: string, name: string, rules: BackupRules) {
    this.path = join(root, name);
    this.#root = root;
    this.#rules = rules;
    mkdirSync(this.path, { recursive: true });
  }

  backup(nowMs: number): string {
    const target = join(this.#root, `${this.#rules.tier}-backup-${this.#count++}`);
    writeBackup({ dataDir: this.path, target, rules: this.#rules, withSecrets: true, nowMs });
    return target;
  }

  restore(folder: string, nowMs: number): void {
    restoreBackup({ folder, dataDir: this.path, rules: this.#rules, by: "test", nowMs });
  }
}

/** A batch that the fog has acknowledged. */
export interface Delivery {
  epoch: number;
  incarnation: Incarnation;
  sequence: number;
  /** Plant time. */
  atMs: number;
}

/** A twin reads the same sensors at instants of its own: nothing that one has lost is there by the other. */
const twinShiftMs = 500;

/** One agent on one database. */
export class EdgeTier {
  readonly name: string;
  readonly files: Files;
  /** In which batches the fog has acknowledged a reading, by the reading's name. */
  readonly acknowledged = new Map<string, Delivery[]>();
  outbox!: Outbox;
  #db!: SqlDatabase;
  #session: MemorySession | undefined;
  readonly #tiers: Tiers;
  readonly #contents = new Map<string, string[]>();
  readonly #shiftMs: number;
  #reads = 0;

  constructor(tiers: Tiers, folder: string, { name = "edge-a", shiftMs = 0 } = {}) {
    this.#tiers = tiers;
    this.#shiftMs = shiftMs;
    this.name = name;
    this.files = new Files(tiers.root, folder, edgeBackup);
  }

  start(): void {
    const { clock } = this.#tiers;
    this.#db = openSqlite(join(this.files.path, "edge.db"), {
      synchronous: "NORMAL",
      migrations: edgeMigrations,
    });
    this.outbox = new Outbox({
      ...{ edge: this.name, db: this.#db, ioClock: clock, plantClock: clock },
      ...{ quotaBytes: 20_000, reserveBytes: 0, freeDiskBytes: () => Number.POSITIVE_INFINITY },
      firstEpoch: Math.floor(clock.nowMs() / 60_000),
      incarnation: this.#tiers.draw(),
    });
    this.#session = undefined;
  }

  kill(): void {
    this.#db.close();
  }

  /** The same disk in another machine. */
  clone(folder: string): EdgeTier {
    const twin = new EdgeTier(this.#tiers, folder, { name: this.name, shiftMs: twinShiftMs });
    cpSync(this.files.backup(this.#tiers.clock.nowMs()), twin.files.path, { recursive: true });
    for (const [key, readings] of this.#contents) twin.#contents.set(key, readings);
    return twin;
  }

  /** Reads ten seconds of the plant, from now on back; of every third block it keeps each other reading. */
  acquire(): void {
    const toMs = this.#tiers.clock.nowMs();
    const step = this.#reads++ % 3 === 2 ? 2 : 1;
    const fromMs = toMs - 10_000 + this.#shiftMs;
    const timesMs = Float64Array.from({ length: 10 / step }, (_, i) => fromMs + i * step * 1_000);
    const count = tags.length * timesMs.length;
    const thinned = tags.length * 10 - count;
    const columns = tags.map(({ index }) => ({
      tag: index,
      timesMs,
      values: timesMs.map((atMs) => (atMs / 1_000) % 50),
      qualities: new Uint8Array(timesMs.length),
    }));
    const bytes = encodeBlock(dictionary, columns);
    this.outbox.stageBlock({ bytes, count, thinned, firstMs: fromMs, lastMs: toMs });
    const committed = this.outbox.commit(0);
    const readings = tags.flatMap(({ id }) => [...timesMs].map((atMs) => `${id}@${atMs}`));
    for (const parcel of committed.ok ? committed.telemetry : []) {
      this.#contents.set(keyOf(parcel), readings);
    }
  }

  /** Sends what waits, as far as the fog takes it. A PUBACK is lost now and then. */
  async send(random: Random): Promise<void> {
    const session = await this.#connect();
    if (!session) return;
    for (const stream of ["events", "telemetry"] as const)
      await this.#drain(stream, session, random);
    this.outbox.commit(0);
    const numbering = numberingOf(this.outbox);
    const { numbered: _, ...fields } = numbering;
    const status = create(EdgeStatusSchema, {
      ...{ ...fields, atMs: this.#tiers.clock.nowMs() },
      ledger: { atMs: 0, ...this.outbox.ledger(0) },
    });
    await session.publish("status", seal("status", status)).catch(() => {});
  }

  async #drain(stream: Stream, session: MemorySession, random: Random): Promise<void> {
    const page = this.outbox.claim(stream, { afterId: 0, beforeId: 1e9, limit: 1_000 });
    for (const parcel of page.parcels) {
      const family = stream === "telemetry" ? "blocks" : "events";
      const isStored = await session.publish(family, parcel.bytes).then(
        () => true,
        () => false,
      );
      if (!isStored) return;
      if (stream === "telemetry") this.#noteDelivered(parcel);
      if (random.uniform() < 0.9) this.outbox.acknowledge(stream, parcel.id);
    }
  }

  #noteDelivered(parcel: Parcel): void {
    const { epoch, incarnation, sequence } = parcel;
    const delivery = { epoch, incarnation, sequence, atMs: this.#tiers.clock.nowMs() };
    for (const name of this.#contents.get(keyOf(parcel)) ?? []) {
      const known = this.acknowledged.get(name);
      if (known) known.push(delivery);
      else this.acknowledged.set(name, [delivery]);
    }
  }

  async #connect(): Promise<MemorySession | undefined> {
    const { door, clock } = this.#tiers.fog;
    this.#session = door?.connect(this.name, () => {});
    const table = makeTagTable({ tags, configSha256: "" }, 1);
    const fields = { site: siteId, edge: this.name, ...this.outbox.boot, atMs: clock.nowMs() };
    const more = { agentVersion: "0.1.0", artifacts: [], clockSynchronised: true };
    const birth = sealBirth({ ...fields, ...more }, table);
    const isBorn = await this.#session?.publish("birth", birth).then(
      () => true,
      () => false,
    );
    return isBorn ? this.#session : undefined;
  }
}

/** What was sent, whatever it was numbered: its bytes. */
const keyOf = ({ bytes }: Parcel): string => Buffer.from(bytes).toString("base64");

export class FogTier {
  readonly files: Files;
  readonly clock: SimulatedClock;
  door: MemoryDoor | undefined;
  fog: Fog | undefined;
  readonly #tiers: Tiers;

  constructor(tiers: Tiers) {
    this.#tiers = tiers;
    this.clock = tiers.clock;
    this.files = new Files(tiers.root, "fog", fogBackup);
  }

  async start(): Promise<void> {
    const { clock, random, cloud } = this.#tiers;
    this.door = memoryDoor();
    this.fog = await createFog({
      ...{ site, version: "0.1.0", dataDir: this.files.path, clock, ioClock: clock },
      ...{ random: seeded(random.integer(1e9)), logger: silentLogger, signingKey },
      ...{ openDoor: this.door.open, synchronous: "NORMAL" as const },
      cloud: { link: cloud.link(), trustedKeys: [] },
    });
  }

  kill(): void {
    this.fog?.kill();
    this.fog = undefined;
    this.door = undefined;
  }

  /** A person's word, answered with 200 when this returns. */
  label(id: string): void {
    const atMs = this.clock.nowMs();
    const fields = { id, stage: "TANK1", rating: "ANOMALY", fromMs: atMs, toMs: atMs, atMs };
    this.fog?.core.report({ case: "label", value: create(FeedbackLabelSchema, fields) });
  }

  readings(): Set<string> {
    const historian = this.fog?.core.historian;
    const span = historian?.span();
    const found = new Set<string>();
    for (let at = span?.fromMs ?? 0; historian && span && at <= span.toMs; at += 60_000) {
      for (const [index, { timesMs }] of historian.reader.readings(at)) {
        const id = historian.tags.rows[index]?.id.replace(/^[^/]+\//, "");
        for (const atMs of timesMs) found.add(`${id}@${atMs}`);
      }
    }
    return found;
  }
}

export class CloudTier {
  readonly files: Files;
  log: EventLog | undefined;
  integrity!: IntegrityLog;
  #door: CloudDoorHandler | undefined;
  #side: SqlDatabase | undefined;
  readonly #tiers: Tiers;
  isReachable = true;

  constructor(tiers: Tiers) {
    this.#tiers = tiers;
    this.files = new Files(tiers.root, "cloud", cloudBackup);
  }

  start(): void {
    const { clock } = this.#tiers;
    const open = (name: string, migrations: readonly string[]) =>
      openSqlite(join(this.files.path, name), { synchronous: "NORMAL", migrations });
    this.log = createSqliteLog(open("log.db", sqliteLogMigrations));
    this.#side = open("cloud.db", [downlinkMigration]);
    const nowMs = () => clock.nowMs();
    this.integrity = openIntegrityLog({ db: this.#side, nowMs, logger: silentLogger });
    const { handler } = createCloudDoor({
      ...{ log: this.log, plant: clock, io: clock, integrity: this.integrity },
      ...{
        downlink: createDownlinkQueue(this.#side, clock),
        stopping: new AbortController().signal,
      },
    });
    this.#door = handler;
  }

  kill(): void {
    this.log?.close();
    this.#side?.close();
    this.log = undefined;
    this.#door = undefined;
  }

  /** The line of one life of the fog; answers are lost now and then. */
  link() {
    const { random } = this.#tiers;
    const door = (): CloudDoorHandler => {
      if (this.#door && this.isReachable) return this.#door;
      throw new RangeError("nobody answers");
    };
    return {
      push: async (request: Parameters<CloudDoorHandler["push"]>[0]) => {
        const answer = await door().push(request, siteId);
        if (random.uniform() < 0.1) throw new RangeError("the answer was lost");
        return answer;
      },
      pull: (): Promise<never> => Promise.reject(new RangeError("nothing travels down here")),
      close: () => {},
    };
  }

  /** Ids of labels in the log, each as often as it is there. */
  async labels(): Promise<string[]> {
    const records = (await this.log?.read(new Map(), 1e6)) ?? [];
    return records.flatMap(({ body, kind }) => {
      const item = kind === "label" ? decodeItem(body) : undefined;
      return item?.body.case === "label" ? [item.body.value.id] : [];
    });
  }
}

export class Tiers {
  readonly root = mkdtempSync(join(tmpdir(), "weir-restores-"));
  readonly clock = new SimulatedClock(beginsMs);
  readonly random: Random;
  readonly cloud: CloudTier;
  readonly fog: FogTier;
  edges: EdgeTier[];
  #draws = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.random = seeded(seed, "restores");
    this.cloud = new CloudTier(this);
    this.fog = new FogTier(this);
    this.edges = [new EdgeTier(this, "edge-a")];
  }

  async start(): Promise<this> {
    this.cloud.start();
    await this.fog.start();
    for (const edge of this.edges) edge.start();
    return this;
  }

  draw(): Incarnation {
    return seededIncarnation(seeded(this.#seed, `incarnation ${this.#draws++}`));
  }

  /** Some plant time passes; every agent reads and sends. */
  async work(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await this.clock.advance(10_000);
      for (const edge of this.edges) {
        edge.acquire();
        await edge.send(this.random);
      }
    }
  }

  /** Until nothing is under way any more. */
  async settle(): Promise<void> {
    this.cloud.isReachable = true;
    for (let i = 0; i < 8; i++) {
      for (const edge of this.edges) await edge.send(this.random);
      await this.clock.advance(90_000);
    }
  }

  end(): void {
    for (const edge of this.edges) edge.kill();
    this.fog.kill();
    this.cloud.kill();
    rmSync(this.root, { recursive: true, force: true });
  }
}
