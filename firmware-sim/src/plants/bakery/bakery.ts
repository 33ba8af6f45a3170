/** A bakery: compressed air, cold, a gas-fired tunnel oven; 14 stages on four gateways, two edges. */
import { fileURLToPath } from "node:url";
import { definePlant, type ProcessSetup } from "../../plant-definition/plant-definition.ts";
import { localCalendar } from "../../process/local-calendar.ts";
import { actuators } from "./actuators.ts";
import { events } from "./events.ts";
import { gatewayOf, gateways } from "./gateways.ts";
import { classPeriodS, instruments } from "./instruments.ts";
import { kpis } from "./kpis.ts";
import { BakeryProcess } from "./process/bakery-process.ts";
import type { Burner } from "./process/oven.ts";
import { BakeryRoutine } from "./routine-work.ts";
import { detectOf, limits, safety } from "./safety-rules.ts";
import { lines, stages } from "./stages.ts";

const site = { id: "millerlane", name: "Miller Lane Bakery", tz: "Europe/Vienna" };
const calendarAt = localCalendar(site.tz);

/** Thermocouples, dew-point and humidity cells age between two calibrations. */
const driftingClasses: ReadonlySet<string> = new Set(["TE", "MD", "MT"]);
/** How much more a real bakery's days differ than tidy ones. */
const realisticRestlessness = 2;

function createBakery({ around, element, realistic }: ProcessSetup): BakeryProcess {
  const position = (id: string) => {
    const actuator = element(id);
    return () => actuator.position;
  };
  const burner = (id: string): Burner => {
    const actuator = element(id);
    return {
      fires: (wanted) => actuator.delivers(wanted, 1),
      commanded: () => actuator.isCommanded,
    };
  };
  const elements = {
    compressors: [position("CA1.compressor"), position("CA2.compressor")] as const,
    exhaustFan: position("OV3.fan"),
    burners: [burner("OV1.burner"), burner("OV2.burner")] as const,
  };
  return new BakeryProcess(around, elements, {
    first: calendarAt(around.startMs),
    restless: realistic ? realisticRestlessness : 1,
  });
}

/** What shows that a probe's loop holds a wrong value: heat that goes in, or a second sensor of the same place. */
const revealedBy: Readonly<Record<string, readonly string[]>> = {
  "OV1/TE01": ["OV1/TE02", "OV1/FG01"],
  "OV2/TE01": ["OV2/TE02", "OV2/FG01"],
  "PB1/MT01": ["PB1/YV01"],
  "CS1/TE01": ["CS1/JW01"],
};

export const bakery = definePlant<BakeryProcess>({
  id: "bakery",
  about: "bakery with compressed air, chillers and a tunnel oven",
  site,
  packs: ["general"],
  lines,
  kpis,
  edges: [
    { id: "edge-utilities", safety: safety["edge-utilities"] },
    { id: "edge-baking", safety: safety["edge-baking"] },
  ],
  stages,
  gateways,
  instruments,
  periodS: classPeriodS,
  gatewayOf,
  actuators,
  events,
  limits,
  detect: detectOf,
  // Air is what everything else runs on: compressors stay as they are when the agent dies. Gas goes off.
  unwatched: ["plc-air"],
  sensing: {
    drifts: ({ sensorClass }) => driftingClasses.has(sensorClass),
    bubbles: () => false,
  },
  revealing: ({ id }) => revealedBy[id] ?? [],
  shaftSpeeds: { OV3: 1_470 },
  calendarAt,
  scenarioDir: fileURLToPath(new URL("./scenarios/", import.meta.url)),
  createProcess: createBakery,
  createRoutine: ({ seed, nowMs }) => new BakeryRoutine(seed, calendarAt, nowMs),
});
