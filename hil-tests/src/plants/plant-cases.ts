/** What the tests of the whole loop do to each simulated plant, and what must come of it there. */
import type { Injection } from "@weir/firmware-sim/faults/injection.ts";
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { bakery } from "@weir/firmware-sim/plants/bakery/bakery.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** An output that runs away until an edge cuts it off. */
export interface RunawayCase {
  scenario: string;
  edge: string;
  stage: string;
  rule: string;
  /** Stage and tag, and the value beyond which the edge cuts off. */
  tag: string;
  limit: number;
  actuator: string;
  output: string;
  onDelayMs: number;
  pollMs: number;
  /** From the runaway to the first alert of a change. */
  alertWithinMs: number;
  alertTag: RegExp;
  /** The change within its window that the edge is configured to tell. */
  deltaMax: number;
  verifiedWithinMs: number;
  /** After the cut-off, while its cause still stands. */
  settleMs: number;
  /** Above this it stands, dead-band included. */
  standsAbove: number;
  /** Below this a reset is accepted. */
  overBelow: number;
  headline: RegExp;
  /** What follows from the cut-off itself and is told, too. */
  consequence?: { below: number; rule: string };
  /** The second way to stop it, where the first does not work. */
  second: { scenario: string; actuator: string; output: string };
}

/** A fault that a controller hides: no limit is crossed, no edge rule sees it. */
export interface HiddenCase {
  stage: string;
  sensor: string;
  inject: Injection;
  /** Tags that the fog may name, and words of its headline. */
  named: RegExp;
  headline: RegExp;
}

/** A decline over days that becomes one ticket. */
export interface DeclineCase {
  stage: string;
  /** The same machine beside it, in order. */
  twin: string;
  event: string;
  params: Record<string, number>;
  beganDays: number;
  title: RegExp;
}

export interface PlantCase {
  id: string;
  plant: PlantDefinition;
  runaway: RunawayCase;
  hidden: HiddenCase;
  decline: DeclineCase;
  /** Two sensors of the edge that has no runaway: told as summaries, and thinned. */
  filtered: { summary: string; thin: string };
}

const runawayDose: RunawayCase = {
  scenario: "runaway-dose",
  edge: "edge-d",
  stage: "D11",
  rule: "CL-HIGH",
  tag: "D11/CL01",
  limit: 4,
  actuator: "D11.dosing",
  output: "dosing_pump_d11",
  onDelayMs: 3 * secondMs,
  pollMs: secondMs,
  alertWithinMs: 90 * secondMs,
  alertTag: /^D11\/CL/,
  deltaMax: 0.3,
  verifiedWithinMs: 5 * secondMs,
  settleMs: 20 * secondMs,
  standsAbove: 4,
  overBelow: 3.5,
  headline: /chlorine/i,
  consequence: { below: 0.2, rule: "CL-LOW" },
  second: { scenario: "trip-failed", actuator: "D11.breaker", output: "dosing_breaker_d11" },
};

const runawayBurner: RunawayCase = {
  scenario: "runaway-burner",
  edge: "edge-baking",
  stage: "OV2",
  rule: "OVER-TEMPERATURE-OV2",
  tag: "OV2/TE02",
  limit: 290,
  actuator: "OV2.burner",
  output: "burner_zone_2",
  onDelayMs: 3 * secondMs,
  pollMs: 2 * secondMs,
  alertWithinMs: 120 * secondMs,
  alertTag: /^OV2\/TE02/,
  deltaMax: 5.5,
  verifiedWithinMs: 5 * secondMs,
  settleMs: 5 * secondMs,
  standsAbove: 285,
  overBelow: 284,
  headline: /temperature|oven/i,
  second: {
    scenario: "burner-stuck",
    actuator: "EM1.gas-valve",
    output: "gas_main_valve",
  },
};

export const plantCases: readonly PlantCase[] = [
  {
    id: waterWorks.id,
    plant: waterWorks,
    runaway: runawayDose,
    hidden: {
      stage: "W13",
      sensor: "W13/DO01",
      inject: {
        what: "probe-fouling",
        sensor: "W13/DO01",
        bias: -1,
        slow: 4,
        rampMs: hourMs,
        forMs: dayMs,
      },
      named: /W13\/(?:DO|FL|PR)/,
      headline: /oxygen|air/i,
    },
    decline: {
      stage: "S02",
      twin: "S01",
      event: "thickener-compaction",
      params: { rate: 0.06 },
      beganDays: 9,
      title: /thickener|compaction|sludge|blanket/i,
    },
    filtered: { summary: "W13/DO01", thin: "W13/DO02" },
  },
  {
    id: bakery.id,
    plant: bakery,
    runaway: runawayBurner,
    hidden: {
      stage: "OV1",
      sensor: "OV1/TE01",
      inject: {
        what: "probe-fouling",
        sensor: "OV1/TE01",
        bias: -14,
        slow: 3,
        rampMs: hourMs,
        forMs: dayMs,
      },
      named: /OV1\/(?:TE|FG)/,
      headline: /heat|temperature|gas/i,
    },
    decline: {
      stage: "CW2",
      twin: "CW1",
      event: "condenser-fouling",
      params: { rate: 0.12 },
      beganDays: 9,
      title: /chiller|condens|pressure/i,
    },
    filtered: { summary: "CW1/PT01", thin: "CA4/PT01" },
  },
];

/** A tag of an edge that tells changes, and the change that it is configured to tell. */
export function tellingTag(
  { sensors, detect }: PlantDefinition,
  edge: string,
): { tag: string; deltaMax: number } | undefined {
  for (const sensor of sensors) {
    const { delta } = detect(sensor) as { delta?: { max: number } };
    if (sensor.edge === edge && delta) return { tag: sensor.id, deltaMax: delta.max };
  }
  return undefined;
}

/** Of an edge's cause-and-effect table, the first rule that switches something. */
export function switchingRule({ edges }: PlantDefinition, edge: string): string | undefined {
  type Rule = { id: string; then?: unknown; action?: string };
  const rules = (edges.find(({ id }) => id === edge)?.safety ?? []) as readonly unknown[];
  const rule = (rules as readonly Rule[]).find(
    ({ then: effects, action }) => effects !== undefined && action !== "alarm_only",
  );
  return rule?.id;
}
