/**
 * An aerated tank in closed loop, small enough for a test: load with day, week, rain and noise; a
 * controller that holds DO01 at 2 mg/L with air; two more probes in the same tank; the probe's
 * cleaning burst every six hours; rain every few days.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { addReading, type Bucket, emptyPane, type Pane, paneSd, paneSlope } from "../src/pane.ts";
import type { StageTag } from "../src/stage-history.ts";
import { seeded } from "./seeded.ts";

export const aerationTags: readonly StageTag[] = [
  ["W13/DO01", "dissolved_oxygen"],
  ["W13/DO02", "dissolved_oxygen"],
  ["W13/DO03", "dissolved_oxygen"],
  ["W13/FL01", "air_flow"],
  ["W13/PR01", "pressure"],
  ["W13/PH01", "ph"],
  ["W13/SL01", "ammonia"],
  ["W13/SL02", "temperature"],
  ["W12/FL01", "air_flow"],
  ["W12/SL01", "ammonia"],
  ["W01/FL01", "flow"],
].map(([id = "", kind = ""]) => ({
  id,
  kind,
  stage: id.slice(0, 3),
  own: id.startsWith("W13"),
  // A logarithm: its level says nothing about what a probe may be off.
  ...(kind === "ph" && { tolerance: 0.02 }),
}));

export interface AerationFault {
  /** mg/L that DO01 reads low, by time since the start, ms. */
  probeLow?: (sinceMs: number) => number;
  /** Factor on the effect of the air: diffusers. */
  airEffect?: (sinceMs: number) => number;
}

const stepMs = 30_000;
const startMs = Date.UTC(2026, 8, 1);

/** Buckets of `bucketMs`, by tag, of days `fromDay`…`toDay` of the plant of `seed`. */
export function aerationBuckets(
  seed: number,
  { fromDay, toDay, bucketMs }: { fromDay: number; toDay: number; bucketMs: number },
  fault: AerationFault = {},
): Bucket[][] {
  const random = seeded(seed);
  const ou = (tauMs: number, sd: number): (() => number) => {
    let state = 0;
    const keep = Math.exp(-stepMs / tauMs);
    return () => {
      state = state * keep + sd * Math.sqrt(1 - keep * keep) * random.gaussian();
      return state;
    };
  };
  const flowNoise = ou(1.8e6, 0.03);
  const ammoniaNoise = ou(7.2e6, 0.06);
  const uptakeNoise = ou(7.2e6, 0.04);
  const local2 = ou(1.8e6, 0.04);
  const local3 = ou(1.8e6, 0.05);
  const rains: { atMs: number; size: number }[] = [];
  for (let day = random.uniform() * 4; day < toDay; day += 1.5 + 5 * random.uniform()) {
    rains.push({ atMs: day * 86.4e6, size: 0.5 + 1.5 * random.uniform() });
  }
  const columns: Bucket[][] = aerationTags.map(() => []);
  const panes: Pane[] = aerationTags.map(emptyPane);
  let bucket = -1;
  const close = (): void => {
    panes.forEach((pane, tag) => {
      if (pane.count === 0) return;
      elementAt(columns, tag).push({
        atMs: bucket * bucketMs,
        lengthMs: bucketMs,
        count: pane.count,
        mean: pane.mean,
        sd: paneSd(pane),
        slope: paneSlope(pane),
        min: pane.min,
        max: pane.max,
      });
      panes[tag] = emptyPane();
    });
  };
  let loop = 0;
  for (let sinceMs = 0; sinceMs < toDay * 86.4e6; sinceMs += stepMs) {
    const atMs = startMs + sinceMs;
    const hour = (sinceMs / 3.6e6) % 24;
    const weekday = Math.floor(sinceMs / 86.4e6) % 7 < 5 ? 1 : 0.84;
    let rain = 0;
    for (const { atMs: at, size } of rains) {
      const t = sinceMs - at;
      if (t > 0) rain += size * 1.35 * (Math.exp(-t / 2.88e7) - Math.exp(-t / 2.7e6));
    }
    const wave = (a: number, phase: number, k: number): number =>
      a * Math.cos((2 * Math.PI * k * (hour - phase)) / 24);
    const dry = 213 * weekday * (1 + wave(0.217, 16.16, 1) + wave(0.245, 11.5, 2) + flowNoise());
    const flow = dry + 213 * rain;
    const ammonia =
      (30 * (1 + wave(0.071, 18.1, 1) + wave(0.232, 11.5, 2) + ammoniaNoise()) * dry) / flow;
    const uptake = (18 + (18 * flow * ammonia) / 6400) * (1 + uptakeNoise());
    const low = fault.probeLow?.(sinceMs) ?? 0;
    loop = loop * 0.9 + 0.03 * random.gaussian();
    const oxygen = 2 + low + loop;
    const effect = fault.airEffect?.(sinceMs) ?? 1;
    const air = 40 * (uptake / ((9 - oxygen) * effect)) ** 0.9;
    const burst = sinceMs % 21.6e6 < 60_000 ? 6 : 0;
    const values = [
      oxygen - low + burst + 0.03 * random.gaussian(),
      oxygen + 0.1 + local2() + 0.03 * random.gaussian(),
      oxygen - 0.08 + local3() + 0.03 * random.gaussian(),
      air * (1 + 0.005 * random.gaussian()),
      58 + 12 * (air / 400) ** 2 + 0.1 * random.gaussian(),
      7.05 - 0.002 * (ammonia - 30) + 0.01 * random.gaussian(),
      Math.max(0.2, ammonia / 6 - 1) + 0.05 * random.gaussian(),
      17 + 0.5 * Math.sin(sinceMs / 4e8) + 0.02 * random.gaussian(),
      1.2 * 40 * (uptake / 7) ** 0.9 * (1 + 0.005 * random.gaussian()),
      Math.max(0.2, ammonia / 3) + 0.05 * random.gaussian(),
      flow * (1 + 0.005 * random.gaussian()),
    ];
    const number = Math.floor(atMs / bucketMs);
    if (number !== bucket) {
      close();
      bucket = number;
    }
    if (sinceMs >= fromDay * 86.4e6) {
      values.forEach((value, tag) => {
        addReading(elementAt(panes, tag), atMs, value);
      });
    }
  }
  close();
  return columns;
}
