/** The 1 kHz sensor on one of a plant's machines: it feels what the process and its faults do. */
import type { PlantDefinition, PlantProcess } from "../plant-definition/plant-definition.ts";
import { VibrationMachine } from "./vibration-machine.ts";

/** @throws TypeError when no machine stands at `stage` */
export function machineSensor(
  plant: {
    process: PlantProcess;
    definition: Pick<PlantDefinition, "shaftSpeeds">;
    seed: number;
  },
  stage: string,
): VibrationMachine {
  const machine = plant.process.machines().get(stage);
  const rpm = plant.definition.shaftSpeeds[stage];
  if (machine === undefined || rpm === undefined) throw new TypeError(`no machine at ${stage}`);
  return new VibrationMachine({
    seed: plant.seed,
    id: stage,
    rpm,
    state: () => machine.vibration(),
  });
}
