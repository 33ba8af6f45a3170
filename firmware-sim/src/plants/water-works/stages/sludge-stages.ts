/** S01–S08: the sludge line. */
import type { WorksStage } from "./works-stage.ts";

const thickener = (id: string, name: string): WorksStage => ({
  id,
  name,
  line: "S",
  volumeM3: 600,
  upstream: ["W06", "W07", "W08", "W20"],
  equipment: "thickener",
  sensors: [
    `PH01 ph ${id}.ph`,
    `TU01 tssHigh ${id}.overflow-tss`,
    `FL01 flowSmall ${id}.underflow`,
    `LV01 blanket ${id}.blanket`,
    `MO01 torque ${id}.torque`,
    `SL01 solids ${id}.underflow-solids`,
  ],
});

const digester = (id: string, name: string): WorksStage => ({
  id,
  name,
  line: "S",
  volumeM3: 3400,
  upstream: ["S01", "S02", "S03"],
  equipment: "digester",
  sensors: [
    `PH01 ph ${id}.ph`,
    `FL01 flowSmall ${id}.feed`,
    `LV01 level ${id}.level`,
    `SL01 waterTemperature ${id}.temperature`,
    `SL02 orp ${id}.orp`,
  ],
});

export const sludgeStages: readonly WorksStage[] = [
  thickener("S01", "Gravity thickener 1"),
  thickener("S02", "Gravity thickener 2"),
  {
    id: "S03",
    name: "DAF thickener",
    line: "S",
    volumeM3: 120,
    upstream: ["W20"],
    equipment: "thickener",
    sensors: [
      "PH01 ph S03.ph",
      "TU01 tss S03.subnatant-tss",
      "FL01 flowSmall S03.feed",
      "LV01 blanket S03.float",
      "PR01 pressureHigh S03.saturator",
    ],
  },
  digester("S04", "Digester 1"),
  digester("S05", "Digester 2"),
  {
    id: "S06",
    name: "Centrifuge dewatering",
    line: "S",
    volumeM3: 5,
    upstream: ["S04", "S05"],
    equipment: "centrifuge",
    sensors: [
      "TU01 tssHigh S06.centrate-tss",
      "FL01 flowSmall S06.feed",
      "MO01 vibration S06.vibration",
      "MO02 torque S06.torque",
      "SL01 dryMatter S06.cake",
    ],
  },
  {
    id: "S07",
    name: "Reject-water tank",
    line: "S",
    volumeM3: 160,
    upstream: ["S01", "S02", "S06"],
    equipment: "tank",
    sensors: [
      "PH01 ph S07.ph",
      "FL01 flowSmall S07.flow",
      "LV01 level S07.level",
      "SL01 ammoniaHigh S07.nh",
    ],
  },
  {
    id: "S08",
    name: "Biogas and odour",
    line: "S",
    volumeM3: 0,
    upstream: ["S04", "S05"],
    equipment: "gas system",
    sensors: [
      "FL01 gasFlow S08.gas",
      "PR01 pressure S08.pressure",
      "SL01 hydrogenSulphide S08.h2s",
    ],
  },
];
