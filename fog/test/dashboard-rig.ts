/** A fog with its dashboard on a real socket, and an edge that tells all there is to tell. */
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { open, seal } from "@weir/contracts/envelope.ts";
import { AckSchema, type Command } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import { EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import {
  EventBatchSchema,
  type EventSchema,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { type Clock, systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { type Dashboard, openDashboard } from "../src/commands/dashboard-server.ts";
import { inlineScorer } from "../src/detection/scorer.ts";
import type { FogCore, FogOptions } from "../src/fog.ts";
import { historyHere } from "../src/historian/history-answers.ts";
import type { HistoryQueries } from "../src/historian/history-query.ts";
import { createSiteWatch, type SiteWatch } from "../src/site-watch.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, startMs } from "./fog-rig.ts";

export type EventBody = NonNullable<MessageInitShape<typeof EventSchema>["body"]>;
export type StatusFields = MessageInitShape<typeof EdgeStatusSchema>;

/** What stands behind the dashboard, where a test holds or moves it. */
export interface DashboardParts {
  /** Real time for sessions and the live feed. */
  ioClock?: Clock;
  history?: (core: FogCore) => HistoryQueries;
}

export class DashboardRig {
  readonly edge: FakeEdge;
  /** Commands as they reached the edge. */
  readonly commands: Command[] = [];
  /** What the edge answers. */
  answer = { accepted: true, reason: "" };
  watch!: SiteWatch;
  dashboard!: Dashboard;
  readonly fogRig: FogRig;
  readonly #pages: string | undefined;
  readonly #ioClock: Clock;
  #session!: MemorySession;

  /**
   * `pages`: folder of the built pages, for tests with a browser. `plant`: another site and its edge. `fog`: what
   * is different about the fog itself, `parts` about what its dashboard stands on.
   */
  constructor(
    pages?: string,
    plant?: { site: SiteModel; edge: FakeEdge },
    fog: Partial<FogOptions> = {},
    { ioClock = systemClock(), history = readHere }: DashboardParts = {},
  ) {
    this.#ioClock = ioClock;
    this.#pages = pages;
    this.edge = plant?.edge ?? new FakeEdge("edge-d");
    this.fogRig = new FogRig({
      ...fog,
      ...(plant && { site: plant.site }),
      parts: (core) => {
        const scorer = inlineScorer(1);
        this.watch = createSiteWatch(core, {
          scorer,
          trainer: scorer,
          loadAutoencoder: () => Promise.reject(new TypeError("no autoencoder here")),
          history: history(core),
        });
        return this.watch;
      },
    });
  }

  async start(): Promise<this> {
    await this.fogRig.start();
    await this.#open();
    return this;
  }

  /** The fog dies and comes back on the same files. */
  async restart(): Promise<void> {
    await this.dashboard.close();
    await this.fogRig.restart();
    await this.#open();
  }

  async stop(): Promise<void> {
    await this.dashboard.close();
    await this.fogRig.stop();
  }

  /** A link for somebody of this role. */
  linkFor(role: "viewer" | "operator" | "supervisor" | "engineer"): string {
    const db = openSqlite(join(this.fogRig.folder, "accounts.db"), {
      synchronous: "NORMAL",
      migrations: [],
    });
    const token = openAccounts(db, this.#ioClock).createSignInToken({ role, ttlMs: 600_000 });
    db.close();
    return new URL(`/signin?token=${token}`, this.dashboard.url).href;
  }

  async say(body: EventBody, atMs = startMs): Promise<string> {
    this.edge.eventSequence += 1;
    const { epoch, eventSequence: sequence } = this.edge;
    const id = `${this.edge.edge}/${epoch}/${sequence}`;
    const batch = create(EventBatchSchema, { epoch, sequence, events: [{ id, atMs, body }] });
    await this.#session.publish("events", seal("events", batch));
    return id;
  }

  /** One batch of readings, one a second at `timesMs`. */
  async readings(timesMs: readonly number[]): Promise<void> {
    await this.#session.publish("blocks", this.edge.blocks(timesMs));
  }

  /** The edge's session, to speak or to be cut off. */
  get session(): MemorySession {
    return this.#session;
  }

  async status(fields: StatusFields): Promise<void> {
    const status = create(EdgeStatusSchema, { atMs: startMs, epoch: 1, ...fields });
    await this.#session.publish("status", seal("status", status));
  }

  async #open(): Promise<void> {
    this.#session = this.fogRig.door.connect(this.edge.edge, (family, bytes) => {
      const opened = family === "command" ? open("command", bytes) : undefined;
      if (opened?.ok && opened.value.body.case !== "rebirth") this.#obey(opened.value);
    });
    await this.#session.publish("birth", this.edge.birth(startMs));
    this.dashboard = await openDashboard({
      fog: this.fogRig.fog,
      watch: this.watch,
      settings: { host: "127.0.0.1", port: 0, trustedProxies: [] },
      version: "0.1.0",
      plantRate: 1,
      ioClock: this.#ioClock,
      metrics: this.fogRig.fog.core.metrics ?? createMetrics(),
      logger: silentLogger,
      ...(this.#pages !== undefined && { pages: this.#pages }),
    });
  }

  #obey(command: Command): void {
    this.commands.push(command);
    const ack = create(AckSchema, { ref: command.id, ...this.answer, atMs: startMs });
    void this.#session.publish("ack", seal("ack", ack));
  }
}

const readHere = ({ historian }: FogCore): HistoryQueries => historyHere(historian.reader);

/** Asks the dashboard's API as the person behind `link`, who gets a name. */
export async function signIn(link: string, user: string) {
  const { origin } = new URL(link);
  const first = await fetch(link, { redirect: "manual" });
  let cookie = cookieOf(first);
  const headers = () => ({ cookie, origin, "x-weir": "1", "content-type": "application/json" });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, origin), { ...init, headers: headers() });
  const post = (path: string, body: unknown) =>
    ask(path, { method: "POST", body: JSON.stringify(body) });
  const named = await post("/api/password", { user, password: "eleven green herons" });
  cookie = cookieOf(named) || cookie;
  return { ask, post };
}

const cookieOf = (response: Response): string =>
  (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";

const rateHz = 1_000;
const seconds = 10;

/** Ten seconds of a pump at 1480 turns a minute whose outer ring is worn; int16, three axes. */
export function wornPump(): Uint8Array {
  const samples = new Int16Array(3 * rateHz * seconds);
  const wave = (hz: number, i: number) => Math.sin((2 * Math.PI * hz * i) / rateHz);
  // A small generator of its own: the same noise in every run.
  let state = 1;
  const noise = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 1_073_741_824 - 1;
  };
  for (let i = 0; i < rateHz * seconds; i++) {
    const growth = 1 + i / (rateHz * seconds);
    samples[3 * i] = 200 * wave(24.67, i) + 90 * growth * wave(88.4, i) + 25 * noise();
    samples[3 * i + 1] = 120 * wave(24.67, i) + 60 * wave(49.33, i) + 25 * noise();
    samples[3 * i + 2] = 40 * wave(24.67, i) + 25 * noise();
  }
  return new Uint8Array(samples.buffer);
}

export const waveformBody = (samples = wornPump()) =>
  ({
    case: "waveform",
    value: {
      device: "P01-VIB",
      stage: "D11",
      rule: "VIB-HIGH",
      fromMs: startMs - seconds * 1_000,
      ...{ rateHz, axes: 3, scale: 0.01, unit: "mm/s", samples },
      lines: [
        { name: "1x", hz: 24.67 },
        { name: "2x", hz: 49.33 },
        { name: "bpfo", hz: 88.4 },
        { name: "bpfi", hz: 133.6 },
        { name: "bsf", hz: 58.1 },
        { name: "ftf", hz: 9.82 },
      ],
    },
  }) as const satisfies EventBody;

const dayMs = 86_400_000;

/** A status with something to tell of everything. */
export const fullStatus: StatusFields = {
  ledger: { atMs: startMs, acquired: 120_000, delivered: 90_000, thinned: 29_000, pending: 1_000 },
  latchedTrips: ["VIB-HIGH"],
  bypassedRules: ["PH-LOW"],
  outboxBytes: 48_000,
  loopLagMsP99: 1.4,
  residentBytes: 61_000_000,
  configSha256: "5e1f0a3377c2b8d9",
  fastTags: ["D11/CL01"],
  safety: {
    documentSha256: "c0ffee1234567890",
    approved: false,
    blindRules: ["TU-HIGH"],
    unarmedConnections: ["plc-d-a"],
    proofTests: [
      {
        rule: "CL-HIGH",
        lastAtMs: startMs - 200 * dayMs,
        lastPassed: true,
        dueAtMs: startMs - 18 * dayMs,
      },
      {
        rule: "PH-LOW",
        lastAtMs: startMs - 5 * dayMs,
        lastPassed: true,
        dueAtMs: startMs + 177 * dayMs,
      },
      {
        rule: "TU-HIGH",
        lastAtMs: startMs - 176 * dayMs,
        lastPassed: true,
        dueAtMs: startMs + 6 * dayMs,
      },
      { rule: "LV-HIGH" },
      { rule: "FL-LOW", lastAtMs: startMs - dayMs, lastPassed: false, dueAtMs: startMs - dayMs },
    ],
  },
  buses: [
    {
      ...{ id: "plc-d-a", kind: "modbus-tcp", connected: true, requests: 40_210, failures: 3 },
      ...{ utilisation: 0.31, budget: 0.28, roundTripMsP50: 3.2, roundTripMsP99: 9.1 },
    },
    {
      ...{ id: "rs485-1", kind: "modbus-rtu", connected: true, requests: 88_031, failures: 911 },
      ...{ utilisation: 0.93, budget: 0.71, roundTripMsP50: 24, roundTripMsP99: 510 },
      ...{ deadDevices: ["D14-FL"], skippedPolls: 212, discardedBytes: 5_120, reconnects: 2 },
    },
    {
      ...{ id: "vib", kind: "frames", connected: false, requests: 600, budget: 0.6 },
      ...{ sinceMs: startMs - 2 * 3_600_000, text: "connection refused" },
    },
  ],
  outputs: [
    {
      ...{ output: "breaker_1", outcome: OutputOutcome.FAILED, state: "open", rule: "VIB-HIGH" },
      ...{ held: true, detail: "exception 1, illegal function", sinceMs: startMs, attempts: 7 },
    },
  ],
};
