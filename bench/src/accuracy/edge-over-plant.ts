/**
 * One edge's way from registers to alerts, run over the simulated works without a bus: the real
 * decoding, conditioning, safety and detection, at the plant's own periods and as fast as they go.
 */

import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Block } from "@weir/edge/acquisition/block-plan.ts";
import { planBlocks } from "@weir/edge/acquisition/block-plan.ts";
import { BlockReader } from "@weir/edge/acquisition/modbus/block-reader.ts";
import { type ModbusFault, refusal } from "@weir/edge/acquisition/modbus/reply.ts";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { ReadingCollector } from "@weir/edge/control/reading-collector.ts";
import { ReadingPath } from "@weir/edge/control/reading-path.ts";
import type { AlertChange } from "@weir/edge/detection/alert.ts";
import { Detection } from "@weir/edge/detection/detection.ts";
import { Safety } from "@weir/edge/safety/safety.ts";
import type { Plant } from "@weir/firmware-sim/create-plant.ts";
import type { GatewayDevice, Table } from "@weir/firmware-sim/devices/gateway-device.ts";
import type { Clock } from "@weir/runtime/clock.ts";

const secondMs = 1_000;
const tables: Record<Block["fc"], Table> = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" };

/** Only tells the time: nothing in the path under test waits. */
class SteppedClock implements Clock {
  ms = 0;
  nowMs = (): number => this.ms;
  monotonicMs = (): number => this.ms;
  after = (): never => notHere();
  sleep = (): never => notHere();
}

const notHere = (): never => {
  throw new TypeError("nothing waits on a stepped clock");
};

export interface EdgeAlert extends AlertChange {
  tagId: string;
  kind: string;
  atMs: number;
}

export interface EdgeOverPlantOptions {
  plant: Plant;
  configuration: Configuration;
  onAlert: (alert: EdgeAlert) => void;
  /** A safety rule latched. */
  onTrip: (rule: string, atMs: number) => void;
}

interface Poll {
  block: Block;
  device: GatewayDevice;
  reader: BlockReader;
  table: Table;
  bytes: Uint8Array;
}

export class EdgeOverPlant {
  readonly detection: Detection;
  readingCount = 0;
  readonly #clock = new SteppedClock();
  readonly #collector = new ReadingCollector();
  readonly #path: ReadingPath;
  readonly #polls: Poll[];

  constructor({ plant, configuration, onAlert, onTrip }: EdgeOverPlantOptions) {
    const clock = this.#clock;
    clock.ms = plant.nowMs;
    const safety = new Safety(configuration);
    this.detection = new Detection({
      tags: configuration.tags,
      zone: configuration.site.tz,
      raise: (change) => {
        const { id: tagId, kind } = elementAt(configuration.tags, change.tag);
        onAlert({ ...change, tagId, kind, atMs: clock.ms });
      },
    });
    this.#path = new ReadingPath({
      configuration,
      clock,
      ioClock: clock,
      safety,
      detection: this.detection,
      collector: this.#collector,
      onAnswer: () => {},
      act: () => {},
      settle: () => {
        for (const effect of safety.conclude()) {
          if (effect.do !== "report" || effect.event.body?.case !== "trip") continue;
          onTrip(effect.event.body.value.rule ?? "", clock.ms);
        }
      },
      report: () => {},
    });
    this.#polls = configuration.connections.flatMap(({ index, id }) => {
      const device = present(plant.devices.get(id));
      const reader = new BlockReader(configuration, index, this.#path);
      return planBlocks(configuration, index).map((block) => ({
        block,
        device,
        reader,
        table: tables[block.fc],
        bytes: new Uint8Array(2 * block.count),
      }));
    });
  }

  /** The plant is at `nowMs`, a whole second: everything due is read. */
  second(nowMs: number): void {
    this.#clock.ms = nowMs;
    for (const { block, device, reader, table, bytes } of this.#polls) {
      if (nowMs % block.periodMs !== 0) continue;
      const answer = device.read(table, block.address, block.count);
      if (!answer.ok) {
        if (answer.exception !== undefined) {
          const { fault } = refusal(answer.exception) as { fault: ModbusFault };
          reader.refused(block, { fault, slotMs: nowMs });
        }
        continue;
      }
      for (let i = 0; i < block.count; i++) {
        bytes[2 * i] = numberAt(answer.values, i) >> 8;
        bytes[2 * i + 1] = numberAt(answer.values, i) & 0xff;
      }
      reader.read(block, { bytes, dataAt: 0, slotMs: nowMs });
    }
    if (nowMs % secondMs === 0) this.#path.sweep();
    this.readingCount += this.#collector.take()?.tags.length ?? 0;
  }
}
