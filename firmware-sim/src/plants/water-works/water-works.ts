/** A municipal water and sewage works: 45 stages, 280 sensors on six gateways, two edges. */
import { fileURLToPath } from "node:url";
import { definePlant, type ProcessSetup } from "../../plant-definition/plant-definition.ts";
import type { Sensor } from "../../plant-definition/sensor.ts";
import { calendarAt, dayMs } from "../../process/calendar.ts";
import type { SignalBoard } from "../../process/signal-board.ts";
import { actuators } from "./actuators.ts";
import { detectOf } from "./alert-rules.ts";
import { events } from "./events.ts";
import { gatewayOf, gateways } from "./gateways.ts";
import { classPeriodS, instruments } from "./instruments.ts";
import { kpis } from "./kpis.ts";
import { Rain } from "./process/rain.ts";
import { Works } from "./process/works.ts";
import { RoutineWork } from "./routine-work.ts";
import { limits, safety } from "./safety-rules.ts";
import { serialKit } from "./serial-lines.ts";
import { lines, stages } from "./stages/stage-table.ts";

/** Classes of probes and analysers, which age between calibrations. */
const driftingClasses: ReadonlySet<string> = new Set(["CL", "PH", "TU", "DO", "SL"]);
/** Of hypochlorous acid, which is what a bare amperometric cell sees. */
const hypochlorousPk = 7.54;
const hypochlorousShare = (ph: number): number => 1 / (1 + 10 ** (ph - hypochlorousPk));

/** Bare chlorine cells feel the pH; the first cell of a stage rules a loop and has its pH compensation. */
function acidityFelt({ stage, sensorClass, name }: Sensor, signals: SignalBoard) {
  if (sensorClass !== "CL" || name === "CL01") return undefined;
  const number = Number(name.slice(2));
  return signals.indexOf(`${stage}.ph`) ?? signals.indexOf(`${stage}.ph.${Math.ceil(number / 2)}`);
}

/** The machines of a stage that the same edge also reads elsewhere are a device of their own. */
const deviceOf = (stage: string, sensorClass: string): string =>
  sensorClass === "MO" && stage.startsWith("D") ? `${stage}-M` : stage;

function createWorks({ around, element, realistic, rainUntilMs }: ProcessSetup): Works {
  const rain = new Rain({
    seed: around.seed,
    fromMs: around.startMs,
    untilMs: rainUntilMs,
    amplitudeMin: realistic ? 0.5 : 0.3,
    amplitudeMax: realistic ? 2.5 : 1.2,
  });
  const pump = (id: string) => {
    const actuator = element(id);
    return {
      delivers: (share: number, perDose: number) => actuator.delivers(share, perDose),
      commanded: () => actuator.isCommanded,
    };
  };
  const blower = (id: string) => {
    const actuator = element(id);
    return { running: () => (actuator.isCommanded ? 1 : 0) };
  };
  const position = (id: string) => {
    const actuator = element(id);
    return () => actuator.position;
  };
  const elements = {
    divert: { position: position("W04.divert") },
    effluentDosing: pump("W22.dosing"),
    supplyDosing: pump("D11.dosing"),
    blowers: [blower("W12.blower"), blower("W13.blower"), blower("W14.blower")] as const,
    motors: {
      inlet: position("W01.motor"),
      sludge: position("W20.motor"),
      supply: position("D14.motor"),
    },
  };
  return new Works(around, elements, { rain, realistic });
}

export const waterWorks = definePlant<Works>({
  id: "water-works",
  about: "municipal water and sewage works",
  site: { id: "riverside", name: "Riverside Water and Sewage Works", tz: "Europe/London" },
  packs: ["water"],
  lines,
  kpis,
  edges: [
    { id: "edge-w", safety: safety["edge-w"] },
    { id: "edge-d", safety: safety["edge-d"] },
  ],
  stages,
  gateways,
  instruments,
  periodS: classPeriodS,
  gatewayOf,
  deviceOf,
  actuators,
  events,
  serial: serialKit,
  limits,
  detect: detectOf,
  // Machines keep running when the agent dies: it is a supplementary layer, and stopping every pump of
  // the works would be the greater harm. Dosing and divert go to safe.
  unwatched: ["plc-m"],
  sensing: {
    drifts: ({ sensorClass }) => driftingClasses.has(sensorClass),
    bubbles: ({ instrument }) => instrument.kind === "turbidity",
    feels: acidityFelt,
    feltShare: hypochlorousShare,
  },
  revealing: ({ stage }) => [`${stage}/FL01`],
  shaftSpeeds: { W01: 1_480, W20: 1_480, S06: 2_950, D14: 1_480 },
  calendarAt,
  storm: { stage: "W01", sensors: ["W01/FL01"], forMs: dayMs },
  scenarioDir: fileURLToPath(new URL("./scenarios/", import.meta.url)),
  createProcess: createWorks,
  createRoutine: ({ seed, sensors, nowMs }) => new RoutineWork(seed, sensors, nowMs),
});
