/** The machine of the cloud tier: its files, and a process that lives and dies on it. */
import { mkdirSync } from "node:fs";
import { type Cloud, type CloudOptions, createCloud } from "@weir/cloud/cloud.ts";
import { inlineRunner } from "@weir/cloud/trainer/runner.inline.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { ProcessClock } from "./process-clock.ts";

export interface CloudHostOptions {
  folder: string;
  world: Clock;
  ioRate: number;
  logger: Logger;
  training: CloudOptions["training"];
}

interface Life {
  cloud: Cloud;
  clocks: ProcessClock[];
}

export class CloudHost {
  readonly #options: CloudHostOptions;
  #life: Life | undefined;

  constructor(options: CloudHostOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  /** The running cloud; undefined while it is dead. */
  get cloud(): Cloud | undefined {
    return this.#life?.cloud;
  }

  async start(): Promise<void> {
    const { world, ioRate, logger, training, folder } = this.#options;
    const clock = new ProcessClock(world, { rate: 1 });
    const ioClock = new ProcessClock(world, { rate: ioRate });
    const cloud = await createCloud({
      dataDir: folder,
      plant: clock,
      io: ioClock,
      logger: logger.child({ tier: "cloud" }),
      training,
      runner: inlineRunner,
    });
    this.#life = { cloud, clocks: [clock, ioClock] };
    cloud.start();
  }

  /** As kill -9: what is not committed is gone. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    for (const clock of life.clocks) clock.kill();
    life.cloud.kill();
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    for (const clock of life.clocks) clock.kill();
    await life.cloud.close();
  }
}
