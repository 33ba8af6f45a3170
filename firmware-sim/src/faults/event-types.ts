/**
 * The events of plant.md §1.8 as a table: which knobs of the process an event turns, by how much, in
 * what shape; which sensors show it first; when it counts as detectable and as failed.
 */
import type { TruthKind } from "./truth-log.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

export interface Parameter {
  doc: string;
  default: number;
  min: number;
  max: number;
}

export interface KnobChange {
  /** May hold `{stage}`. */
  knob: string;
  /** `add` moves it by the amount, `scale` multiplies it, `set` replaces it, `grow` adds amount × days. */
  how: "add" | "scale" | "set" | "grow";
  /** A parameter's name, and a factor on it. */
  amount: string;
  factor?: number;
}

export interface EventType {
  kind: TruthKind;
  doc: string;
  stages: readonly string[];
  params: Record<string, Parameter>;
  knobs: readonly KnobChange[];
  /** Share of full size at onset grows over this time, and falls so at the end. */
  rampMs: number;
  durationMs: number;
  sensors: readonly string[];
  /** True quantity watched for `t_detectable` (3 × sigma from its value at onset) and for failure. */
  watch?: { signal: string; sigma: number; failAbove?: number; failBelow?: number };
}

const p = (doc: string, fallback: number, bounds: readonly [number, number]): Parameter => ({
  doc,
  default: fallback,
  min: bounds[0],
  max: bounds[1],
});

const forEver = Number.POSITIVE_INFINITY;

export const eventTypes = {
  "acid-discharge": {
    kind: "contamination",
    doc: "acid reaches the inlet: alkalinity falls, then pH drops off a cliff",
    stages: ["W01"],
    params: { strength: p("meq/L taken from alkalinity", 7.5, [0.5, 12]) },
    knobs: [{ knob: "influent.alkalinity", how: "add", amount: "strength", factor: -1 }],
    rampMs: 0,
    durationMs: 25 * minuteMs,
    sensors: ["W01/PH01", "W04/PH01"],
    watch: { signal: "W01.ph", sigma: 0.03, failBelow: 5 },
  },
  "caustic-discharge": {
    kind: "contamination",
    doc: "caustic from a dairy reaches the inlet",
    stages: ["W01"],
    params: { strength: p("meq/L added to alkalinity", 6, [0.5, 12]) },
    knobs: [{ knob: "influent.alkalinity", how: "add", amount: "strength" }],
    rampMs: 0,
    durationMs: 25 * minuteMs,
    sensors: ["W01/PH01", "W04/PH01"],
    watch: { signal: "W01.ph", sigma: 0.03, failAbove: 10 },
  },
  "ammonia-intrusion": {
    kind: "contamination",
    doc: "sewage or ammonia enters chlorinated water: residual falls, conductivity rises",
    stages: ["D11"],
    params: {
      ammonia: p("mg N/L", 0.2, [0.02, 1]),
      conductivity: p("uS/cm", 8, [0, 100]),
    },
    knobs: [
      { knob: "D11.chlorine-demand", how: "add", amount: "ammonia", factor: 7.6 * 0.8 },
      { knob: "raw.conductivity", how: "add", amount: "conductivity" },
    ],
    rampMs: 2 * minuteMs,
    durationMs: 40 * minuteMs,
    sensors: ["D11/CL01", "D11/CL02", "D11/CL03", "D11/SL01"],
    watch: { signal: "D11.cl.post-mix", sigma: 0.011, failBelow: 0.2 },
  },
  "organic-load": {
    kind: "contamination",
    doc: "oil or organic load in the raw water",
    stages: ["D01"],
    params: { toc: p("mg/L", 4, [0.5, 20]) },
    knobs: [{ knob: "raw.organic", how: "add", amount: "toc" }],
    rampMs: 10 * minuteMs,
    durationMs: 2 * hourMs,
    sensors: ["D01/SL03", "D11/CL01"],
    watch: { signal: "D01.uv254", sigma: 0.15 },
  },
  "mud-slip": {
    kind: "contamination",
    doc: "a turbid flush in the river",
    stages: ["D01"],
    params: { factor: p("times the raw turbidity", 8, [1.5, 30]) },
    knobs: [{ knob: "raw.turbidity-factor", how: "scale", amount: "factor" }],
    rampMs: 20 * minuteMs,
    durationMs: 4 * hourMs,
    sensors: ["D01/TU01", "D01/TU02", "D05/TU01"],
    watch: { signal: "D01.turbidity", sigma: 0.3 },
  },
  "toxic-shock": {
    kind: "contamination",
    doc: "nitrification is inhibited: oxygen rises at the same air, ammonia leaves untreated",
    stages: ["W12", "W13", "W14"],
    params: { factor: p("share of nitrification left", 0.3, [0, 0.95]) },
    knobs: [
      { knob: "W12.nitrification", how: "scale", amount: "factor" },
      { knob: "W13.nitrification", how: "scale", amount: "factor" },
      { knob: "W14.nitrification", how: "scale", amount: "factor" },
    ],
    rampMs: 10 * minuteMs,
    durationMs: 12 * hourMs,
    sensors: ["W12/SL01", "W13/SL01", "W14/SL01", "W12/FL01"],
    watch: { signal: "W14.nh", sigma: 1.2 },
  },
  "chlorine-underdose": {
    kind: "contamination",
    doc: "air lock or empty tank: no chlorine is dosed",
    stages: ["D11", "W22"],
    params: { strength: p("share of the stock's strength left", 0, [0, 0.95]) },
    knobs: [{ knob: "{stage}.stock-strength", how: "scale", amount: "strength" }],
    rampMs: 0,
    durationMs: 30 * minuteMs,
    sensors: ["{stage}/CL01"],
    watch: { signal: "{stage}.cl.post-mix", sigma: 0.011, failBelow: 0.2 },
  },
  "demand-step": {
    kind: "contamination",
    doc: "something that eats chlorine",
    stages: ["D11", "W22"],
    params: { demand: p("mg/L", 1.5, [0.1, 6]) },
    knobs: [{ knob: "{stage}.chlorine-demand", how: "add", amount: "demand" }],
    rampMs: 2 * minuteMs,
    durationMs: 30 * minuteMs,
    sensors: ["{stage}/CL01"],
    watch: { signal: "{stage}.cl.post-mix", sigma: 0.011, failBelow: 0.2 },
  },
  "thickener-compaction": {
    kind: "degradation",
    doc: "bulking sludge compacts ever less: the blanket rises, the overflow fails after 9–13 days",
    stages: ["S01", "S02"],
    params: { rate: p("compaction lost a day", 0.06, [0.005, 0.5]) },
    knobs: [{ knob: "{stage}.compaction-loss-per-day", how: "set", amount: "rate" }],
    rampMs: 0,
    durationMs: forEver,
    sensors: ["{stage}/LV01", "{stage}/SL01", "{stage}/MO01"],
    watch: { signal: "{stage}.blanket", sigma: 0.05, failAbove: 3 },
  },
  "membrane-fouling": {
    kind: "degradation",
    doc: "membrane area is lost, first slowly, then all at once",
    stages: ["W15", "W16", "D10"],
    params: { rate: p("1/d", 0.0185, [0.002, 0.5]) },
    knobs: [{ knob: "{stage}.fouling-per-day", how: "set", amount: "rate" }],
    rampMs: 0,
    durationMs: forEver,
    sensors: ["{stage}/PR01"],
    watch: { signal: "{stage}.tmp", sigma: 0.6, failAbove: 50 },
  },
  "bearing-wear": {
    kind: "degradation",
    doc: "a bearing fault that grows exponentially",
    stages: ["W01", "W20", "S06", "D14"],
    params: { tau: p("days to grow e-fold", 3, [0.05, 30]) },
    knobs: [{ knob: "{stage}.bearing-tau-days", how: "set", amount: "tau" }],
    rampMs: 0,
    durationMs: forEver,
    sensors: ["{stage}/MO01"],
    watch: { signal: "{stage}.vibration", sigma: 0.03, failAbove: 5 },
  },
  unbalance: {
    kind: "degradation",
    doc: "the rotor runs out of balance",
    stages: ["W01", "W20", "S06", "D14"],
    params: { amplitude: p("mm/s at one per turn", 2, [0.2, 12]) },
    knobs: [{ knob: "{stage}.unbalance", how: "add", amount: "amplitude" }],
    rampMs: hourMs,
    durationMs: forEver,
    sensors: ["{stage}/MO01"],
    watch: { signal: "{stage}.vibration", sigma: 0.03, failAbove: 5 },
  },
  misalignment: {
    kind: "degradation",
    doc: "shaft and motor are out of line: twice a turn, and along the shaft",
    stages: ["W01", "W20", "S06", "D14"],
    params: { amplitude: p("mm/s at two per turn", 2, [0.2, 12]) },
    knobs: [{ knob: "{stage}.misalignment", how: "add", amount: "amplitude" }],
    rampMs: hourMs,
    durationMs: forEver,
    sensors: ["{stage}/MO01"],
    watch: { signal: "{stage}.vibration", sigma: 0.03, failAbove: 5 },
  },
  looseness: {
    kind: "degradation",
    doc: "a foot or bearing seat is loose: halves of a turn appear",
    stages: ["W01", "W20", "S06", "D14"],
    params: { amplitude: p("mm/s at one per turn", 2, [0.2, 12]) },
    knobs: [{ knob: "{stage}.looseness", how: "add", amount: "amplitude" }],
    rampMs: hourMs,
    durationMs: forEver,
    sensors: ["{stage}/MO01"],
    watch: { signal: "{stage}.vibration", sigma: 0.03, failAbove: 5 },
  },
  cavitation: {
    kind: "degradation",
    doc: "the suction starves: broadband noise",
    stages: ["W01", "W20", "D14"],
    params: { share: p("0 none … 1 full", 1, [0.05, 1.5]) },
    knobs: [{ knob: "{stage}.cavitation", how: "add", amount: "share" }],
    rampMs: hourMs,
    durationMs: forEver,
    sensors: ["{stage}/MO01"],
    watch: { signal: "{stage}.vibration", sigma: 0.03, failAbove: 5 },
  },
  "fan-blocked": {
    kind: "degradation",
    doc: "the motor's cooling is blocked",
    stages: ["W01", "W20", "D14"],
    params: { factor: p("times the temperature rise", 2.2, [1.1, 4]) },
    knobs: [{ knob: "{stage}.fan-blocked", how: "set", amount: "factor" }],
    rampMs: 0,
    durationMs: 4 * hourMs,
    sensors: ["{stage}/MO02"],
    watch: { signal: "{stage}.motor-temperature", sigma: 1, failAbove: 95 },
  },
  "pump-wear": {
    kind: "degradation",
    doc: "the impeller wears: more energy for each cubic metre",
    stages: ["W01"],
    params: { rate: p("wear a day", 0.02, [0.001, 0.2]) },
    knobs: [{ knob: "W01.pump-wear", how: "grow", amount: "rate" }],
    rampMs: 0,
    durationMs: 30 * dayMs,
    sensors: ["W01/MO03", "W01/PR01"],
  },
  "diffuser-fouling": {
    kind: "degradation",
    doc: "diffusers clog: more air and header pressure for the same oxygen",
    stages: ["W12", "W13", "W14"],
    params: { rate: p("efficiency lost a day", 0.005, [0.001, 0.3]) },
    knobs: [{ knob: "{stage}.diffuser-loss", how: "grow", amount: "rate" }],
    rampMs: 0,
    durationMs: 60 * dayMs,
    sensors: ["{stage}/FL01", "{stage}/PR01"],
  },
  "filter-clogging": {
    kind: "degradation",
    doc: "a filter's head loss grows faster than it should",
    stages: ["D06", "D07", "D08", "D09"],
    params: { factor: p("times the ordinary rate", 2, [1.1, 10]) },
    knobs: [{ knob: "{stage}.clogging-factor", how: "scale", amount: "factor" }],
    rampMs: 0,
    durationMs: 7 * dayMs,
    sensors: ["{stage}/PR01"],
  },
  "algae-bloom": {
    kind: "contamination",
    doc: "algae in the raw water: oxygen and pH swing with the sun",
    stages: ["D01"],
    params: { biomass: p("0 none … 1 heavy", 0.8, [0.05, 1]) },
    knobs: [
      { knob: "raw.algae", how: "add", amount: "biomass" },
      { knob: "D11.chlorine-demand", how: "add", amount: "biomass", factor: 0.5 },
      { knob: "D06.clogging-factor", how: "add", amount: "biomass", factor: 0.6 },
      { knob: "D07.clogging-factor", how: "add", amount: "biomass", factor: 0.6 },
      { knob: "D08.clogging-factor", how: "add", amount: "biomass", factor: 0.6 },
      { knob: "D09.clogging-factor", how: "add", amount: "biomass", factor: 0.6 },
    ],
    rampMs: 5 * dayMs,
    durationMs: 21 * dayMs,
    sensors: ["D01/DO01", "D01/DO02", "D01/PH01", "D01/TU01"],
    watch: { signal: "D01.do", sigma: 0.4 },
  },
  backwash: {
    kind: "operations",
    doc: "a filter is washed now",
    stages: ["D06", "D07", "D08", "D09"],
    params: {},
    knobs: [],
    rampMs: 0,
    durationMs: minuteMs,
    sensors: ["{stage}/FL01", "{stage}/PR01", "{stage}/TU01"],
  },
  "stock-delivery": {
    kind: "operations",
    doc: "fresh chlorine stock, stronger or weaker than the last",
    stages: ["D11", "W22"],
    params: { strength: p("relative to the last", 1.04, [0.7, 1.4]) },
    knobs: [{ knob: "{stage}.stock-strength", how: "scale", amount: "strength" }],
    rampMs: 5 * minuteMs,
    durationMs: 7 * dayMs,
    sensors: ["{stage}/CL01"],
  },
  "setpoint-change": {
    kind: "operations",
    doc: "the operator moves the residual's set point",
    stages: ["D11", "W22"],
    params: { shift: p("mg/L", 0.2, [-1, 1]) },
    knobs: [{ knob: "{stage}.setpoint-shift", how: "add", amount: "shift" }],
    rampMs: minuteMs,
    durationMs: 6 * hourMs,
    sensors: ["{stage}/CL01"],
  },
} as const satisfies Record<string, EventType>;

export type EventName = keyof typeof eventTypes;

export const eventType = (name: string): EventType | undefined =>
  (eventTypes as Record<string, EventType>)[name];
