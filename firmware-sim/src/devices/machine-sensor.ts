/** The 1 kHz sensor on one of the plant's machines: it feels what the process and its faults do. */
import type { MachineStage, Works } from "../process/works.ts";
import { VibrationMachine } from "./vibration-machine.ts";

/** Shaft speeds, turns a minute. */
const rpmOf: Record<MachineStage, number> = { W01: 1_480, W20: 1_480, S06: 2_950, D14: 1_480 };

export function machineSensor(
  plant: { works: Works; seed: number },
  stage: MachineStage,
): VibrationMachine {
  const machine = plant.works.machines().get(stage)!;
  const { seed } = plant;
  return new VibrationMachine({
    seed,
    id: stage,
    rpm: rpmOf[stage],
    state: () => machine.vibration(),
  });
}
