/**
 * The whole loop in one process: plant, two edges, fog and cloud, the production code of each over
 * memory lines, SQLite files in one folder and one clock that moves when told to.
 */
import assert from "node:assert";
import { join } from "node:path";
import type { CloudOptions } from "@weir/cloud/cloud.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { TagSettings } from "@weir/edge/configuration/configuration.ts";
import type { UplinkReport } from "@weir/edge/uplink/uplink-snapshot.ts";
import { siteModel } from "@weir/firmware-sim/configuration/site-file.ts";
import { createPlant, defaultStartMs, type Plant } from "@weir/firmware-sim/create-plant.ts";
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { quietScenario, type Scenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { every } from "@weir/runtime/clock.ts";
import { type Logger, silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { generateSigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { CloudHost } from "./cloud-host.ts";
import { CloudLine } from "./cloud-line.ts";
import { EdgeHost } from "./edge-host.ts";
import { createEdgeLine } from "./edge-line.ts";
import { type Faults, noFaults } from "./faults.ts";
import { FogHost } from "./fog-host.ts";
import { GatewayLine } from "./gateway-channel.ts";
import { writePlantFiles } from "./plant-files.ts";
import { ProcessClock } from "./process-clock.ts";

export interface WorldOptions {
  definition: PlantDefinition;
  seed: number;
  /** Empty, and removed by the caller. */
  folder: string;
  startMs?: number;
  scenario?: Scenario;
  /** Plant time for one of I/O time: deadlines, back-off, heartbeats. 1 is a real plant. */
  ioRate?: number;
  /** Seconds between two polls of every tag; 0: the plant's own periods. */
  pollEveryS?: number;
  /** Plant time of one telemetry batch, ms. */
  blockEveryMs?: number;
  /** Plant time between two status messages of an edge, ms. */
  statusEveryMs?: number;
  /** Step of the plant's physics, s. */
  plantStepS?: number;
  /** Filter policy of a tag by its id on its edge; all readings without. */
  policyOf?: (tag: string) => TagSettings["policy"];
  faults?: Faults;
  training?: CloudOptions["training"];
  quotaBytes?: number;
  logger?: Logger;
  /** A plant that has been living already; `startMs` is then its present. */
  plant?: Plant;
}

const noTraining: CloudOptions["training"] = {
  automatic: false,
  include: [],
  exclude: [],
  epochCount: 4,
  seed: 1,
};
/** From a Modbus request to its answer, I/O milliseconds. */
const modbusLatencyMs = 2;
const stopStepMs = 1_000;
const stopStepCountMax = 3_600;

/** What happened, for checks that need the past. */
export interface Chronicle {
  reports: { edge: string; atMs: number; report: UplinkReport }[];
  events: { edge: string; atMs: number; event: Event; backlog: boolean }[];
}

export class World {
  readonly site: SiteModel;
  readonly clock: SimulatedClock;
  readonly startMs: number;
  readonly plant: Plant;
  readonly edges: readonly EdgeHost[];
  readonly fog: FogHost;
  readonly cloud: CloudHost;
  readonly cloudLine: CloudLine;
  readonly chronicle: Chronicle = { reports: [], events: [] };
  readonly options: WorldOptions;
  readonly #plantStepS: number;
  #cloudKeyPem = "";

  constructor(options: WorldOptions) {
    const { definition, seed, folder, scenario = quietScenario, logger = silentLogger } = options;
    const { faults = noFaults, ioRate = 1, pollEveryS = 0, plantStepS = 1 } = options;
    this.options = options;
    this.site = { ...siteModel(definition), pack: builtinPack(...definition.packs) };
    this.#plantStepS = plantStepS;
    this.startMs = options.startMs ?? options.plant?.nowMs ?? defaultStartMs;
    this.clock = new SimulatedClock(this.startMs);
    const world = this.clock;
    const ioClock = new ProcessClock(world, { rate: ioRate });
    this.plant =
      options.plant ??
      createPlant({
        plant: definition,
        seed,
        scenario,
        startMs: this.startMs,
        watchdogMs: () => ioClock.monotonicMs(),
      });
    const site = this.site.site.id;
    const signingKey = signingKeyFromPem(generateSigningKey().privatePem);
    const shared = { world, ioRate, logger };
    this.cloud = new CloudHost({
      ...shared,
      folder: join(folder, "cloud"),
      training: options.training ?? noTraining,
    });
    this.cloudLine = new CloudLine({
      site,
      door: () => this.cloud.cloud?.door,
      ioClock,
      random: seeded(seed, "cloud line"),
      faults: faults.fogToCloud ?? {},
    });
    this.fog = new FogHost({
      ...shared,
      site: this.site,
      folder: join(folder, "fog"),
      seed,
      signingKey,
      cloud: { line: this.cloudLine, trustedKeys: () => [this.#cloudKeyPem] },
      onEvent: (edge, event, backlog) =>
        this.chronicle.events.push({ edge, atMs: world.nowMs(), event, backlog }),
    });
    const configurations = writePlantFiles(definition, folder, { pollEveryS });
    this.edges = [...configurations].map(([edge, configuration]) => {
      for (const tag of configuration.tags) tag.policy = options.policyOf?.(tag.id) ?? tag.policy;
      const gateways = new Map(
        configuration.connections.map(({ id }) => [id, this.#gatewayLine(id, ioClock)]),
      );
      return new EdgeHost({
        ...shared,
        configuration,
        folder: join(folder, edge),
        seed,
        gateways,
        line: createEdgeLine({
          site,
          edge,
          door: () => this.fog.door,
          ioClock,
          random: seeded(seed, `line of ${edge}`),
          faults: faults.edgeToFog ?? {},
        }),
        trusted: () => [signingKey.publicPem, this.#cloudKeyPem],
        blockEveryMs: options.blockEveryMs ?? 1_000,
        statusEveryMs: options.statusEveryMs ?? 10_000,
        quotaBytes: options.quotaBytes,
        onReport: (report) => this.chronicle.reports.push({ edge, atMs: world.nowMs(), report }),
      });
    });
  }

  /** Plant time since the start, ms. */
  get elapsedMs(): number {
    return this.clock.nowMs() - this.startMs;
  }

  edge(id: string): EdgeHost {
    return this.edges.find((edge) => edge.id === id) as EdgeHost;
  }

  /** Cloud first, as a user would: its key is known to those below. */
  async start(): Promise<this> {
    await this.startCloud();
    await this.fog.start();
    for (const edge of this.edges) edge.start();
    every(this.clock, this.#plantStepS * 1_000, () => this.catchUp());
    return this;
  }

  async startCloud(): Promise<void> {
    await this.cloud.start();
    this.#cloudKeyPem = this.cloud.cloud?.signingKeyPem ?? "";
  }

  killCloud(): void {
    this.cloud.kill();
    this.cloudLine.drop();
  }

  /** The fog's sockets close: every edge loses its connection. */
  killFog(): void {
    this.fog.kill();
    for (const { line } of this.edges) line.drop();
  }

  /** Lets the world live for `ms` of plant time. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  catchUp(): void {
    this.plant.advanceTo(this.clock.nowMs(), { stepS: this.#plantStepS });
  }

  /** Orderly, from the edges up. */
  async stop(): Promise<void> {
    for (const part of [...this.edges, this.fog, this.cloud]) await this.#while(part.stop());
  }

  /** Lets time pass until `work` is done: farewells travel too. */
  async #while(work: Promise<void>): Promise<void> {
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    for (let i = 0; i < stopStepCountMax && !isDone; i++) await this.clock.advance(stopStepMs);
    await ended;
  }

  #gatewayLine(id: string, ioClock: ProcessClock): GatewayLine {
    const device = [...this.plant.devices].find(([gateway]) => gateway === id)?.[1];
    assert(device, `the plant has no gateway ${id}`);
    return new GatewayLine({
      device,
      ioClock,
      latencyMs: modbusLatencyMs,
      catchUp: () => this.catchUp(),
    });
  }
}
