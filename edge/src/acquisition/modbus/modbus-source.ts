/** A Modbus connection as a source: the arbiter of its bus, and the decoding of what it reads. */
import { Arbiter } from "../arbiter.ts";
import { planBlocks, splitBlock } from "../block-plan.ts";
import { busLoad } from "../bus-budget.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import type { SendUrgent, Source, SourceOptions, SourceStatus } from "../source.ts";
import { BlockReader } from "./block-reader.ts";

export class ModbusSource implements Source {
  readonly #options: SourceOptions;
  readonly #arbiter: Arbiter;
  readonly #budget: number;
  readonly urgent: SendUrgent = (request, settle) => this.#arbiter.urgent(request, settle);

  constructor(options: SourceOptions, createMaster: (options: BusMasterOptions) => BusMaster) {
    this.#options = options;
    const { configuration, connection, sink } = options;
    const blocks = planBlocks(configuration, connection.index);
    this.#budget = busLoad(blocks, connection).utilisation;
    const reader = new BlockReader(configuration, connection.index, sink);
    this.#arbiter = new Arbiter({
      ...options,
      createMaster,
      blocks,
      onBlock: (block, answer) => reader.read(block, answer),
      split: (block) => splitBlock(block, configuration),
      onRefused: (block, refusal) => reader.refused(block, refusal),
      onUnanswered: (block, fault) => reader.unanswered(block, fault),
      onUnit: (unit, isUp, text) => {
        for (const device of this.#devicesOf(unit)) options.onDevice(device, isUp, text);
      },
    });
  }

  start(): void {
    this.#arbiter.start();
  }

  stop(): void {
    this.#arbiter.stop();
  }

  hasten(tags: readonly number[], factor: number): number {
    return this.#arbiter.hasten(tags, factor);
  }

  status(): SourceStatus {
    const { deadUnits, ...status } = this.#arbiter.status();
    return {
      ...status,
      budget: this.#budget,
      deadDevices: deadUnits.flatMap((unit) => this.#devicesOf(unit)),
    };
  }

  #devicesOf(unit: number): number[] {
    const { configuration, connection } = this.#options;
    return configuration.devices
      .filter((device) => device.connection === connection.index && device.unit === unit)
      .map(({ index }) => index);
  }
}
