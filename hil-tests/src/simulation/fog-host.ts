/** The machine of the fog gateway: its files, and a process that lives and dies on it. */
import { mkdirSync } from "node:fs";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { type MemoryDoor, memoryDoor } from "@weir/fog/broker/memory-door.ts";
import { loadOnnxAutoencoder } from "@weir/fog/detection/autoencoder.onnxruntime.ts";
import { inlineScorer } from "@weir/fog/detection/scorer.ts";
import { createFog, type Fog, type FogParts } from "@weir/fog/fog.ts";
import type { IngestListener } from "@weir/fog/ingest/ingested.ts";
import { createSiteWatch, type SiteWatch } from "@weir/fog/site-watch.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { SigningKey } from "@weir/runtime/signing.ts";
import type { CloudLine } from "./cloud-line.ts";
import { ProcessClock } from "./process-clock.ts";

export interface FogHostOptions {
  site: SiteModel;
  folder: string;
  world: Clock;
  ioRate: number;
  seed: number;
  logger: Logger;
  signingKey: SigningKey;
  /** Undefined: a site without a cloud. */
  cloud: { line: CloudLine; trustedKeys: () => readonly string[] } | undefined;
  /** Each event as it is handed on to the fog's own listeners. */
  onEvent: (edge: string, event: Event, backlog: boolean) => void;
}

const version = "0.1.0";
const scorerSeed = 7;

interface Life {
  fog: Fog;
  watch: SiteWatch;
  door: MemoryDoor;
  clocks: ProcessClock[];
}

export class FogHost {
  readonly folder: string;
  readonly #options: FogHostOptions;
  #life: Life | undefined;
  #bootCount = 0;

  constructor(options: FogHostOptions) {
    this.#options = options;
    this.folder = options.folder;
    mkdirSync(options.folder, { recursive: true });
  }

  /** The running fog; undefined while it is dead. */
  get fog(): Fog | undefined {
    return this.#life?.fog;
  }

  get watch(): SiteWatch | undefined {
    return this.#life?.watch;
  }

  get door(): MemoryDoor | undefined {
    return this.#life?.door;
  }

  async start(): Promise<void> {
    const { site, world, ioRate, seed, logger, signingKey, cloud } = this.#options;
    const clock = new ProcessClock(world, { rate: 1 });
    const ioClock = new ProcessClock(world, { rate: ioRate });
    const door = memoryDoor();
    let watch: SiteWatch | undefined;
    const fog = await createFog({
      site,
      version,
      dataDir: this.folder,
      clock,
      ioClock,
      random: seeded(seed, `fog/${this.#bootCount++}`),
      logger: logger.child({ tier: "fog" }),
      signingKey,
      openDoor: door.open,
      cloud: cloud && { link: cloud.line.newLink(), trustedKeys: cloud.trustedKeys() },
      synchronous: "NORMAL",
      parts: (core): FogParts => {
        const scorer = inlineScorer(scorerSeed);
        watch = createSiteWatch(core, {
          scorer,
          trainer: scorer,
          loadAutoencoder: loadOnnxAutoencoder,
        });
        return { ...watch, listeners: [...watch.listeners, this.#listener()] };
      },
    });
    this.#life = { fog, watch: watch as SiteWatch, door, clocks: [clock, ioClock] };
  }

  /** As kill -9. The edges notice when they next use their connections: see `World.killFog`. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.fog.kill();
    for (const clock of life.clocks) clock.kill();
    void life.watch.detection.close();
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    await life.fog.close();
    for (const clock of life.clocks) clock.kill();
  }

  #listener(): IngestListener {
    return {
      onBirth: () => {},
      onDeath: () => {},
      onReadings: () => {},
      onEvent: (edge, event, backlog) => this.#options.onEvent(edge, event, backlog),
      onStatus: () => {},
      onAck: () => {},
    };
  }
}
