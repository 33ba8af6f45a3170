/** What a vibration sensor is told of the machine it sits on. */
import type { MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";
import type { MachineCategory, Mounting } from "@weir/detectors/vibration/severity.ts";

export interface MachineSettings extends MachineModel {
  /** Tag with the present speed; undefined where the machine has one speed. */
  speedTag: number | undefined;
  kW: number;
  mounting: Mounting;
  category: MachineCategory;
  /** Largest velocity that the sensor can show, mm/s. */
  fullScaleMmS: number;
}
