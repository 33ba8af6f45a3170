/**
 * The rule against steps of turbidity beside the rules one would write first, on made-up healthy water:
 * what each imagines in sixty sensor-days, what it finds of steps and of ramps.
 */
import type { TagSettings } from "@weir/edge/configuration/configuration.ts";
import { Detection } from "@weir/edge/detection/detection.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";

const periodMs = 2_000;
const dayCount = 43_200;
const learnDays = 2;
const bubblesPerDay = 6;
const windowCount = 60;
const zMax = 4;
/** The fifth reading after the one that shows the step first: ten seconds. */
const stepReadings = 6;
const rampReadings = 300;
const settleReadings = 3_600;

export const waters = [
  { name: "filtered", ntu: 0.08, resolution: 0.001 },
  { name: "settled", ntu: 1, resolution: 0.01 },
  { name: "raw", ntu: 6, resolution: 0.01 },
] as const;

type Water = (typeof waters)[number];

/** Takes a reading; true when it raises an alert. */
type Judge = (value: number) => boolean;

/** Z of the newest against the `windowCount` before it, `needed` times in a row above the limit. */
function rolling({ floor, needed }: { floor: number; needed: number }): Judge {
  const window: number[] = [];
  let above = 0;
  let isActive = false;
  return (value) => {
    let raised = false;
    if (window.length === windowCount) {
      const mean = window.reduce((sum, x) => sum + x, 0) / windowCount;
      const variance = window.reduce((sum, x) => sum + (x - mean) ** 2, 0) / windowCount;
      const isAbove = Math.abs(value - mean) > zMax * Math.max(floor, Math.sqrt(variance));
      above = isAbove ? above + 1 : 0;
      raised = above >= needed && !isActive;
      isActive = above >= needed;
      window.shift();
    }
    window.push(value);
    return raised;
  };
}

function weir({ resolution }: Water): Judge {
  let raised = false;
  const tag = {
    index: 0,
    id: "D/TU",
    kind: "turbidity",
    unit: "NTU",
    periodMs,
    resolution,
    min: 0,
    max: 300,
    detect: { z: { max: zMax, sigmaMin: 0.05, learnMs: learnDays * 86_400_000 } },
  } as unknown as TagSettings;
  const detection = new Detection({
    tags: [tag],
    raise: ({ isActive }) => {
      raised ||= isActive;
    },
  });
  let timeMs = 0;
  return (value) => {
    timeMs += periodMs;
    raised = false;
    detection.stepAt(0, value, 0, timeMs, timeMs);
    return raised;
  };
}

export const turbidityRules: readonly { name: string; of: (water: Water) => Judge }[] = [
  { name: "Z > 4 over 60, as one writes it first", of: () => rolling({ floor: 1e-9, needed: 1 }) },
  { name: "… with a floor of 0.05 NTU, 3 in a row", of: () => rolling({ floor: 0.05, needed: 3 }) },
  { name: "**Weir: median of 7, learned floor, 3 in a row**", of: weir },
];

/** Noise of 2 %, slow drift, bubbles of one to three readings. */
function healthy({ ntu, resolution }: Water, random: Random): () => number {
  let drift = 0;
  let bubble = 0;
  let height = 0;
  const noise = Math.max(0.003, 0.02 * ntu);
  return () => {
    drift += -drift / 2_000 + 0.002 * ntu * random.gaussian();
    if (random.uniform() < bubblesPerDay / dayCount) {
      bubble = 1 + random.integer(3);
      height = 0.3 + 1.2 * random.uniform();
    }
    const y = ntu + drift + noise * random.gaussian() + (bubble-- > 0 ? height : 0);
    return Math.round(y / resolution) * resolution;
  };
}

export interface RuleFigures {
  falsePerDay: number;
  stepsFound: number;
  rampsFound: number;
  sensors: number;
}

/** `sensors` sensor-days after two days of learning, then a step and a ramp on each sensor. */
export function judgeRule(
  rule: (typeof turbidityRules)[number],
  water: Water,
  { sensors, seed }: { sensors: number; seed: number },
): RuleFigures {
  const figures: RuleFigures = { falsePerDay: 0, stepsFound: 0, rampsFound: 0, sensors };
  for (let sensor = 0; sensor < sensors; sensor++) {
    const next = healthy(water, seeded(seed, `${water.name}/${sensor}`));
    const judge = rule.of(water);
    const size = Math.max(0.5, 0.35 * water.ntu);
    const count = (readings: number, add: (i: number) => number): number => {
      let raised = 0;
      for (let i = 0; i < readings; i++) raised += judge(next() + add(i)) ? 1 : 0;
      return raised;
    };
    count(learnDays * dayCount, () => 0);
    figures.falsePerDay += count(dayCount, () => 0) / sensors;
    figures.stepsFound += Math.min(
      1,
      count(stepReadings, () => size),
    );
    count(settleReadings, () => size);
    figures.rampsFound += Math.min(
      1,
      count(rampReadings, (i) => size + (size * (i + 1)) / rampReadings),
    );
  }
  return figures;
}
