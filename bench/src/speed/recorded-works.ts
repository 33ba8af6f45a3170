/**
 * Minutes of the simulated works as the bytes of Modbus answers, to be read again and again without the
 * cost of simulating: forwards, then backwards, so that no value jumps.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Block, planBlocks } from "@weir/edge/acquisition/block-plan.ts";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import type { Answer, Table } from "@weir/firmware-sim/devices/gateway-device.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";

const secondMs = 1_000;
const tables: Record<Block["fc"], Table> = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" };

export interface RecordedBlock {
  connection: number;
  block: Block;
  /** Answer of each second; undefined in those in which the block is not due. */
  answers: (Uint8Array<ArrayBuffer> | undefined)[];
}

export function recordWorks(
  configuration: Configuration,
  { seed, seconds }: { seed: number; seconds: number },
): RecordedBlock[] {
  const plant = createPlant({
    plant: waterWorks,
    seed,
    scenario: quietScenario,
    profile: "realistic",
  });
  const recorded = configuration.connections.flatMap(({ index }) =>
    planBlocks(configuration, index).map(
      (block): RecordedBlock => ({ connection: index, block, answers: [] }),
    ),
  );
  for (let second = 0; second < seconds; second++) {
    plant.advanceTo(plant.nowMs + secondMs);
    for (const { connection, block, answers } of recorded) {
      const gateway = elementAt(configuration.connections, connection).id;
      const isDue = plant.nowMs % block.periodMs === 0;
      answers.push(
        isDue
          ? bytesOf(plant.read(gateway, tables[block.fc], block.address, block.count))
          : undefined,
      );
    }
  }
  return recorded;
}

function bytesOf(answer: Answer): Uint8Array<ArrayBuffer> | undefined {
  if (!answer.ok) return undefined;
  const bytes = new Uint8Array(2 * answer.values.length);
  answer.values.forEach((value, i) => {
    bytes[2 * i] = value >> 8;
    bytes[2 * i + 1] = value & 0xff;
  });
  return bytes;
}
