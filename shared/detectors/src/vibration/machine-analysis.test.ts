import { f64, i16 } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";
import { seeded } from "../../test/seeded.ts";
import { MachineAnalysis, type MachineModel } from "./machine-analysis.ts";
import { type AxisFeature, featureIndex, featureNames } from "./machine-features.ts";
import { severityLimits } from "./severity.ts";

const model: MachineModel = {
  signal: "velocity",
  scale: 0.01,
  rpm: 1_480,
  bearing: { balls: 9, ball: 7.94, pitch: 39.04, angle: 0 },
  limits: severityLimits({ kW: 30, mounting: "rigid", category: "general" }),
};

/** One second of the same signal on all axes. */
function second(from: number, v: (t: number) => number, scale: number): Int16Array {
  return Int16Array.from({ length: 3_000 }, (_, i) => {
    const t = (from * 1_000 + Math.floor(i / 3)) / 1_000;
    return Math.round(v(t) / scale);
  });
}

function after(
  seconds: number,
  v: (t: number) => number,
  options: Partial<MachineModel> = {},
): (feature: AxisFeature, axis?: number) => number {
  const analysis = new MachineAnalysis({ ...model, ...options });
  for (let s = 0; s < seconds; s++) {
    analysis.second(second(s, v, options.scale ?? model.scale));
  }
  return (feature, axis = 0) => f64(analysis.values, featureIndex(axis, feature));
}

const sine = (hz: number, amplitude: number) => (t: number) =>
  amplitude * Math.sin(2 * Math.PI * hz * t);

test("the vector has a name for each number", () => {
  expect(featureNames).toHaveLength(65);
  expect(featureNames[featureIndex(2, "wavelet6")]).toBe("z.wavelet6");
  expect(featureNames.slice(-2)).toEqual(["rms", "zone"]);
});

test("a sine within the band: RMS A/√2, crest √2, kurtosis 1.5", () => {
  const of = after(5, sine(1_480 / 60, 2));
  expect(of("rms")).toBeCloseTo(Math.SQRT2, 2);
  expect(of("peak")).toBeCloseTo(2, 1);
  expect(of("crest")).toBeCloseTo(Math.SQRT2, 1);
  expect(of("kurtosis")).toBeCloseTo(1.5, 2);
  expect(of("1x")).toBeCloseTo(Math.SQRT2, 2);
  expect(of("2x")).toBeLessThan(0.01);
  expect(of("wavelet5")).toBeGreaterThan(of("wavelet3") * 10);
});

test("below 10 Hz and above 400 Hz the band-limited level falls away", () => {
  expect(after(3, sine(3, 2))("rms")).toBeLessThan(0.02);
  expect(after(3, sine(470, 2))("rms")).toBeLessThan(0.15);
  expect(after(3, sine(10, 2))("rms")).toBeCloseTo(1, 1);
  expect(after(3, sine(400, 2))("rms")).toBeCloseTo(1, 1);
});

test("noise has a kurtosis of 3, a knocking machine more", () => {
  const random = seeded(1);
  const noise = () => random.gaussian();
  expect(Math.abs(after(3, noise)("kurtosis") - 3)).toBeLessThan(0.6);
  const knock = (t: number) => random.gaussian() * 0.1 + (t % 0.1 < 0.0015 ? 8 : 0);
  expect(after(3, knock)("kurtosis")).toBeGreaterThan(10);
});

test("each line of the bearing shows as itself", () => {
  const random = seeded(1);
  for (const [name, hz] of [
    ["bpfo", 88.42],
    ["bpfi", 133.58],
    ["bsf", 58.14],
    ["ftf", 9.82],
  ] as const) {
    const of = after(5, (t) => sine(hz, 0.3)(t) + 0.25 * random.gaussian());
    expect(of(name)).toBeCloseTo(0.3 / Math.SQRT2, 1);
    const ratios = (["bpfo", "bpfi", "bsf", "ftf"] as const).map((n) => of(`${n}-ratio`));
    expect(of(`${name}-ratio`)).toBe(Math.max(...ratios));
    expect(of(`${name}-ratio`)).toBeGreaterThan(20);
  }
});

describe("an accelerometer", () => {
  const ofVelocity = (hz: number, mmS: number) => sine(hz, (mmS * 2 * Math.PI * hz) / 9_806.65);
  const sensor = { signal: "acceleration", scale: 0.0005 } as const;

  test.each([15, 24.667, 88.42, 250, 380])("shows the velocity at %s Hz", (hz) => {
    const rms = after(5, ofVelocity(hz, 3), sensor)("rms");
    const asVelocity = after(5, sine(hz, 3))("rms");
    expect(Math.abs(rms / asVelocity - 1)).toBeLessThan(0.035);
  });

  test("its lines are those of the velocity", () => {
    expect(after(5, ofVelocity(88.42, 0.3), sensor)("bpfo")).toBeCloseTo(0.3 / Math.SQRT2, 2);
  });

  test("gravity is no vibration, not even in the first second", () => {
    const upright = (t: number) => 1 + ofVelocity(50, 1)(t);
    expect(after(1, upright, sensor)("rms")).toBeCloseTo(Math.SQRT1_2, 1);
  });
});

describe("samples enough", () => {
  test("the level is there after one second, octaves after two, lines after five", () => {
    const analysis = new MachineAnalysis(model);
    const from: Record<string, number> = {};
    for (let s = 1; s <= 6; s++) {
      analysis.second(second(s, sine(24.667, 1), model.scale));
      for (const name of ["rms", "wavelet1", "1x", "bpfo"] as const) {
        if (!Number.isNaN(f64(analysis.values, featureIndex(0, name)))) from[name] ??= s;
      }
    }
    expect(from).toEqual({ rms: 1, wavelet1: 2, "1x": 5, bpfo: 5 });
  });

  test("after a gap nothing of before is in the figures", () => {
    const analysis = new MachineAnalysis(model);
    for (let s = 0; s < 6; s++) analysis.second(second(s, sine(40, 20), model.scale));
    analysis.reset();
    analysis.second(second(7, sine(40, 0.5), model.scale));
    expect(analysis.values[featureIndex(0, "rms")]).toBeCloseTo(0.354, 2);
    expect(analysis.values[featureIndex(0, "1x")]).toBeNaN();
  });

  test("without a bearing its lines stay unknown", () => {
    const of = after(5, sine(24.667, 1), { bearing: undefined });
    expect(of("bpfo")).toBeNaN();
    expect(of("1x")).toBeGreaterThan(0.7);
  });
});

test("the zone is that of the worst axis", () => {
  const analysis = new MachineAnalysis(model);
  const samples = second(0, sine(50, 1), model.scale);
  for (let i = 2; i < samples.length; i += 3) samples[i] = i16(samples, i) * 6;
  analysis.second(samples);
  const { values } = analysis;
  expect(values[values.length - 2]).toBe(values[featureIndex(2, "rms")]);
  expect(values[values.length - 1]).toBe(3);
});

describe("a machine whose speed varies", () => {
  const run = (rpms: readonly number[]) => {
    const analysis = new MachineAnalysis(model);
    rpms.forEach((rpm, s) => {
      analysis.second(second(s, sine(980 / 60, 2), model.scale), rpm);
    });
    return (feature: AxisFeature) => f64(analysis.values, featureIndex(0, feature));
  };

  test("lines are looked for at the speed it has now", () => {
    expect(run([980, 980, 980, 980, 980])("1x")).toBeCloseTo(Math.SQRT2, 1);
    expect(run([1_480, 1_480, 1_480, 1_480, 1_480])("1x")).toBeLessThan(0.05);
  });

  test.each([
    ["changes", [980, 980, 980, 1_480, 980]],
    ["is unknown for a while", [980, 980, Number.NaN, 980, 980]],
    ["is zero", [0, 0, 0, 0, 0]],
  ])("while it %s there are no lines, but a level", (_, rpms) => {
    const of = run(rpms);
    expect(of("1x")).toBeNaN();
    expect(of("bpfo")).toBeNaN();
    expect(of("rms")).toBeCloseTo(Math.SQRT2, 1);
    expect(of("wavelet5")).toBeGreaterThan(0);
  });
});
