/** The stages of the bakery in flow order, and what each sensor sees. A sensor is `<tag> <instrument> <signal>`. */
import type { StageRow } from "../../plant-definition/stage-row.ts";
import type { InstrumentName } from "./instruments.ts";

export const lines = [
  { id: "A", name: "Compressed air" },
  { id: "C", name: "Cold" },
  { id: "B", name: "Baking" },
] as const;

export interface BakeryStage extends StageRow<InstrumentName> {
  line: (typeof lines)[number]["id"];
}

const compressor = (id: string, name: string): BakeryStage => ({
  id,
  name,
  line: "A",
  volumeM3: 0,
  upstream: [],
  equipment: "compressor",
  sensors: [
    `JW01 power ${id}.power`,
    `TE01 temperature ${id}.outlet-temperature`,
    `FT01 airFlow ${id}.air`,
  ],
});

const chiller = (id: string, name: string): BakeryStage => ({
  id,
  name,
  line: "C",
  volumeM3: 0,
  upstream: [],
  equipment: "chiller",
  sensors: [
    `PT01 headPressure ${id}.head-pressure`,
    `PT02 pressure ${id}.suction-pressure`,
    `JW01 power ${id}.power`,
    `TE01 waterTemperature ${id}.leaving`,
  ],
});

const zone = (id: string, name: string, upstream: string): BakeryStage => ({
  id,
  name,
  line: "B",
  volumeM3: 0,
  upstream: [upstream],
  equipment: "tunnel oven",
  sensors: [
    // The first rules the burner, the second is the limiter's own.
    `TE01 ovenTemperature ${id}.temperature`,
    `TE02 ovenTemperature ${id}.crown-temperature`,
    `FG01 gasFlow ${id}.gas`,
    "ST01 beltSpeed oven.belt",
  ],
});

export const stages: readonly BakeryStage[] = [
  compressor("CA1", "Compressor 1"),
  compressor("CA2", "Compressor 2"),
  {
    id: "CA3",
    name: "Air dryer",
    line: "A",
    volumeM3: 0,
    upstream: ["CA1", "CA2"],
    equipment: "compressed-air dryer",
    sensors: ["MD01 dewPoint CA3.dew-point", "PD01 pressureDrop CA3.pressure-drop"],
  },
  {
    id: "CA4",
    name: "Air receiver and ring main",
    line: "A",
    volumeM3: 3,
    upstream: ["CA3"],
    equipment: "air receiver",
    sensors: ["PT01 pressure CA4.pressure", "FT01 airFlow CA4.demand"],
  },
  chiller("CW1", "Chiller 1"),
  chiller("CW2", "Chiller 2"),
  {
    id: "CW3",
    name: "Cold-water loop",
    line: "C",
    volumeM3: 2.5,
    upstream: ["CW1", "CW2"],
    equipment: "buffer tank",
    sensors: [
      "TE01 waterTemperature CW3.supply",
      "TE02 waterTemperature CW3.return",
      "FT01 waterFlow CW3.flow",
    ],
  },
  {
    id: "CS1",
    name: "Cold store",
    line: "C",
    volumeM3: 180,
    upstream: ["CW3"],
    equipment: "cold store",
    sensors: [
      "TE01 temperature CS1.temperature",
      "MT01 humidity CS1.humidity",
      "JW01 power CS1.power",
    ],
  },
  {
    id: "PB1",
    name: "Proofer",
    line: "B",
    volumeM3: 60,
    upstream: [],
    equipment: "proofer",
    sensors: [
      "TE01 temperature PB1.temperature",
      "MT01 humidity PB1.humidity",
      "YV01 position PB1.steam-valve",
    ],
  },
  zone("OV1", "Oven zone 1", "PB1"),
  zone("OV2", "Oven zone 2", "OV1"),
  {
    id: "OV3",
    name: "Exhaust fan",
    line: "B",
    volumeM3: 0,
    upstream: ["OV1", "OV2"],
    equipment: "exhaust fan",
    sensors: [
      "VT01 vibration OV3.vibration",
      "IT01 current OV3.current",
      "TE01 ovenTemperature OV3.flue",
    ],
  },
  {
    id: "CB1",
    name: "Cooling conveyor",
    line: "B",
    volumeM3: 0,
    upstream: ["OV2"],
    equipment: "product cooler",
    sensors: ["TE01 temperature CB1.product", "FT01 coolingAir CB1.air"],
  },
  {
    id: "EM1",
    name: "Gas and power meters",
    line: "B",
    volumeM3: 0,
    // What they show is what these draw.
    upstream: ["OV1", "OV2", "CA1", "CA2", "CW1", "CW2"],
    equipment: "meter",
    sensors: ["JW01 mainPower EM1.power", "FG01 gasFlow EM1.gas"],
  },
];
