/**
 * A site whose edges speak, freeze, die and come back on a clock that is moved by hand, seen as its pages see
 * it. Its models are simple on purpose: what they say of a window is given, whether they may say it is Weir's.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { EventBatchSchema, type EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Family } from "@weir/contracts/topics.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { Views } from "../src/api/views.ts";
import type { MemorySession } from "../src/broker/memory-door.ts";
import type { ScoredRow, Scorer } from "../src/detection/scorer.ts";
import type { EdgeRevocation } from "../src/enrolment/enrolment-book.ts";
import { createSiteWatch, type SiteWatch } from "../src/site-watch.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig } from "./fog-rig.ts";

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;

const stage = (id: string, upstream: string[] = []) => ({
  ...{ id, name: id, line: "L", equipment: "", upstream },
});

export interface Plant {
  site: SiteModel;
  /** Tag ids by edge. */
  edges: Record<string, string[]>;
}

const lines = [{ id: "L", name: "Line" }];
const siteOf = (stages: SiteModel["stages"], kpi: string[]): SiteModel => ({
  site: { id: "riverside", name: "Riverside", tz: "UTC" },
  ...{ lines, stages },
  kpis: [{ id: "k", name: "Figure", unit: "", tags: kpi }],
});

/** Two of the works' edges, and a plant that is in no other file. */
export const plants: Record<string, Plant> = {
  works: {
    site: siteOf([stage("W12"), stage("W13", ["W12"]), stage("D11")], ["edge-w/W12/DO01"]),
    edges: {
      "edge-w": ["W12/DO01", "W12/FL01", "W13/DO01"],
      "edge-d": ["D11/CL01", "D11/PH01"],
    },
  },
  tanks: {
    site: siteOf([stage("TANK1"), stage("TANK2", ["TANK1"]), stage("PUMP")], ["north/TANK1/LEVEL"]),
    edges: {
      north: ["TANK1/LEVEL", "TANK1/TEMP", "TANK2/LEVEL"],
      south: ["PUMP/FLOW", "PUMP/POWER"],
    },
  },
};

/** Judges every window as `ratio` says; can die, which loses its models. */
export class GivenScorer implements Scorer {
  ratio = 0.2;
  dead = false;
  readonly #models = new Map<string, string[]>();

  async load(name: string, onnx: Uint8Array) {
    if (this.dead) throw new Error("the thread has ended");
    const tags = new TextDecoder().decode(onnx).split(",");
    this.#models.set(name, tags);
    const hysteresis = { length: 3, onCount: 2, offCount: 0 };
    return { ok: true as const, facts: { tags, trainedOn: "given", hysteresis } };
  }

  async train() {
    return { ok: false as const, reason: "nothing is learned here" };
  }

  async score(rows: Parameters<Scorer["score"]>[0]): Promise<ScoredRow[]> {
    if (this.dead) {
      this.#models.clear();
      throw new Error("the thread has ended");
    }
    return rows.flatMap(({ stage: name, row }): ScoredRow[] => {
      const tags = this.#models.get(name);
      if (!tags) return [];
      if (row.mean.length !== tags.length)
        return [{ stage: name, atMs: row.atMs, fault: "the columns are another model's" }];
      const good = Array.from(row.mean).filter(Number.isFinite).length;
      const coverage = good / tags.length;
      const score = { score: 0.5, distance: 1, ratio: this.ratio, coverage, contributions: [] };
      return [{ stage: name, atMs: row.atMs, score }];
    });
  }

  async close() {}
}

export type EventBody = NonNullable<MessageInitShape<typeof EventSchema>["body"]>;
export type StatusFields = MessageInitShape<typeof EdgeStatusSchema>;

export class TruthRig {
  readonly plant: Plant;
  readonly io = new SimulatedClock(0);
  readonly fogRig: FogRig;
  readonly scorer = new GivenScorer();
  readonly edges: FakeEdge[];
  /** Edges that say nothing, their connection open: SIGSTOP. */
  readonly frozen = new Set<string>();
  /** Tags of which no reading comes. */
  readonly silentTags = new Set<string>();
  /** Edges that a person has shut out. */
  readonly revoked = new Map<string, EdgeRevocation>();
  /** What each edge says of itself besides. */
  readonly says = new Map<string, StatusFields>();
  watch!: SiteWatch;
  views!: Views;
  readonly #sessions = new Map<string, MemorySession>();

  constructor(plant: Plant) {
    this.plant = plant;
    this.edges = Object.entries(plant.edges).map(([edge, tags]) => new FakeEdge(edge, tags));
    this.fogRig = new FogRig({
      site: plant.site,
      ioClock: this.io,
      revocationOf: (edge) => this.revoked.get(edge),
      parts: (core) => {
        this.watch = createSiteWatch(core, {
          scorer: this.scorer,
          trainer: this.scorer,
          loadAutoencoder: () => Promise.reject(new TypeError("no autoencoder here")),
        });
        this.views = new Views(core, this.watch);
        return this.watch;
      },
    });
  }

  get clock(): SimulatedClock {
    return this.fogRig.clock;
  }

  async start(): Promise<this> {
    await this.fogRig.start();
    return this;
  }

  /** The fog is killed and started; its edges do not come back by themselves. */
  async restart(): Promise<void> {
    this.#sessions.clear();
    await this.fogRig.restart();
  }

  stop(): Promise<void> {
    return this.fogRig.stop();
  }

  edge(id: string): FakeEdge {
    const found = this.edges.find(({ edge }) => edge === id);
    if (!found) throw new TypeError(`no edge ${id} here`);
    return found;
  }

  async connect(...ids: string[]): Promise<void> {
    for (const id of ids.length > 0 ? ids : Object.keys(this.plant.edges)) {
      const session = this.fogRig.door.connect(id, () => {});
      this.#sessions.set(id, session);
      await session.publish("birth", this.edge(id).birth(this.clock.nowMs()));
    }
  }

  /** Its connection ends without a word: kill -9. */
  die(id: string): void {
    this.#sessions.get(id)?.close();
    this.#sessions.delete(id);
  }

  /** Everything of every stage gets a model. */
  async learn(): Promise<void> {
    for (const { id } of this.plant.site.stages) await this.activate(id);
    await this.watch.detection.settled();
  }

  activate(id: string, version = 1) {
    const tags = Object.entries(this.plant.edges).flatMap(([edge, list]) =>
      list.filter((tag) => tag.startsWith(`${id}/`)).map((tag) => `${edge}/${tag}`),
    );
    const columns = version === 1 ? tags : tags.slice(0, 1);
    return this.watch.modelHost?.activate({
      ...{ name: `forest/${id}`, version, kind: ArtifactKind.FOREST, stage: id },
      payload: new TextEncoder().encode(columns.join(",")),
    });
  }

  /** Time passes; whoever lives speaks every `everyMs` of it, and the fog looks once each time. */
  async pass(ms: number, everyMs = secondMs): Promise<void> {
    for (let passed = 0; passed < ms; passed += everyMs) {
      await this.clock.advance(everyMs);
      await this.#speak(everyMs);
      this.watch.look();
    }
    await this.watch.detection.settled();
    await this.io.advance(1_100);
  }

  async say(id: string, body: EventBody, atMs = this.clock.nowMs()): Promise<void> {
    const edge = this.edge(id);
    edge.eventSequence += 1;
    const { epoch, eventSequence: sequence } = edge;
    const event = { id: `${id}/${epoch}/${sequence}`, atMs, body };
    const batch = create(EventBatchSchema, { epoch, sequence, events: [event] });
    await this.#sessions.get(id)?.publish("events", seal("events", batch));
  }

  /** A message as it stands, true or not. Rejects when it is not acknowledged. */
  async send(id: string, family: Family, bytes: Uint8Array): Promise<void> {
    await this.#sessions.get(id)?.publish(family, bytes);
  }

  async status(id: string, fields: StatusFields = this.says.get(id) ?? {}): Promise<void> {
    this.says.set(id, fields);
    const atMs = this.clock.nowMs();
    const status = create(EdgeStatusSchema, { atMs, epoch: 1, ...fields });
    await this.#sessions.get(id)?.publish("status", seal("status", status));
  }

  async #speak(everyMs: number): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const [id, session] of this.#sessions) {
      if (this.frozen.has(id)) continue;
      const count = everyMs / secondMs;
      const times = Array.from({ length: count }, (_, i) => nowMs - (count - 1 - i) * secondMs);
      const silent = (tag: string): boolean => this.silentTags.has(`${id}/${tag}`);
      await session.publish("blocks", this.edge(id).blocks(times, { leaveOut: silent }));
      if (Math.floor(nowMs / secondMs) % 10 === 0) await this.status(id);
    }
  }
}
