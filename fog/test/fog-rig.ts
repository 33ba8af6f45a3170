/** A fog on a simulated clock, a memory door and a temporary folder; killed and started at will. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ack } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { generateSigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { type MemoryDoor, memoryDoor } from "../src/broker/memory-door.ts";
import { createFog, type Fog, type FogOptions } from "../src/fog.ts";
import type { IngestListener } from "../src/ingest/ingested.ts";

export const startMs = Date.parse("2026-06-02T05:00:00Z");

export const site: SiteModel = {
  site: { id: "riverside", name: "Riverside", tz: "UTC" },
  lines: [{ id: "D", name: "Drinking water" }],
  stages: [{ id: "D11", name: "Chlorination", line: "D", upstream: [], equipment: "dosing" }],
  kpis: [],
};

const signingKey = signingKeyFromPem(generateSigningKey().privatePem);

/** Everything a listener was told, in order. */
export interface Heard {
  births: string[];
  deaths: { edge: string; orderly: boolean }[];
  readings: { edge: string; count: number; backlog: boolean; tags: number[] }[];
  events: { id: string; backlog: boolean }[];
  acks: Ack[];
}

export class FogRig {
  readonly folder = mkdtempSync(join(tmpdir(), "weir-fog-"));
  readonly clock = new SimulatedClock(startMs);
  readonly heard: Heard = { births: [], deaths: [], readings: [], events: [], acks: [] };
  door: MemoryDoor = memoryDoor();
  fog!: Fog;
  readonly #options: Partial<FogOptions>;

  constructor(options: Partial<FogOptions> = {}) {
    this.#options = options;
  }

  async start(): Promise<this> {
    this.door = memoryDoor();
    this.fog = await createFog({
      site,
      version: "0.1.0",
      dataDir: this.folder,
      clock: this.clock,
      ioClock: this.clock,
      random: seeded(1),
      logger: silentLogger,
      signingKey,
      openDoor: this.door.open,
      synchronous: "NORMAL",
      ...this.#options,
      parts: async (core) => {
        const more = await this.#options.parts?.(core);
        return { ...more, listeners: [this.#listener(), ...(more?.listeners ?? [])] };
      },
    });
    return this;
  }

  async restart(): Promise<this> {
    this.fog.kill();
    return this.start();
  }

  async stop(): Promise<void> {
    await this.fog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get stored(): Record<string, number> {
    return Object.fromEntries(
      this.fog.core.ingest.links().map(({ edge, stored }) => [edge, stored]),
    );
  }

  #listener(): IngestListener {
    const { heard } = this;
    return {
      onBirth: (edge) => heard.births.push(edge),
      onDeath: (edge, orderly) => heard.deaths.push({ edge, orderly }),
      onReadings: (edge, columns, backlog) =>
        heard.readings.push({
          edge,
          backlog,
          count: columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0),
          tags: columns.map(({ tag }) => tag),
        }),
      onEvent: (_edge, { id }, backlog) => heard.events.push({ id, backlog }),
      onStatus: () => {},
      onAck: (_edge, ack) => heard.acks.push(ack),
    };
  }
}

/** `count` instants, one a second, from `fromMs`. */
export const seconds = (fromMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => fromMs + i * 1_000);
