/** Names of what is computed of a machine's vibration, and what each of them can be. */

export const axisNames = ["x", "y", "z"] as const;
export type AxisName = (typeof axisNames)[number];

/** Levels of the wavelet transform: level 1 is 250 to 500 Hz at 1 kHz, level 6 is 8 to 16 Hz. */
export const waveletLevels = 6;

/** Of each axis. Lines and wavelet levels are mm/s RMS: the square root of the power in the band. */
export const axisFeatures = [
  "rms",
  "peak",
  "crest",
  "kurtosis",
  "1x",
  "2x",
  "3x-10x",
  "bpfo",
  "bpfi",
  "bsf",
  "ftf",
  "bpfo-ratio",
  "bpfi-ratio",
  "bsf-ratio",
  "ftf-ratio",
  "wavelet1",
  "wavelet2",
  "wavelet3",
  "wavelet4",
  "wavelet5",
  "wavelet6",
] as const;
export type AxisFeature = (typeof axisFeatures)[number];

/** Of the machine: the largest RMS of its axes and the zone that belongs to it, 1 for A to 4 for D. */
export const machineWideFeatures = ["rms", "zone"] as const;

/** Every feature in the order of the vector: x.rms, x.peak, …, z.wavelet6, rms, zone. */
export const featureNames: readonly string[] = [
  ...axisNames.flatMap((axis) => axisFeatures.map((feature) => `${axis}.${feature}`)),
  ...machineWideFeatures,
];

export const featureIndex = (axis: number, feature: AxisFeature): number =>
  axis * axisFeatures.length + axisFeatures.indexOf(feature);

/** A feature that needs the bearing's geometry. */
export const needsBearing = (name: string): boolean => /\.(bpfo|bpfi|bsf|ftf)(-ratio)?$/.test(name);

export interface FeatureScale {
  unit: string;
  kind: string;
  min: number;
  max: number;
}

/** Unit and range of a feature, from the largest velocity that the sensor can show. */
export function featureScale(name: string, fullScaleMmS: number): FeatureScale {
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (last === "zone") return { unit: "", kind: "vibration_zone", min: 1, max: 4 };
  if (last === "crest") return { unit: "", kind: "vibration_crest", min: 0, max: 32 };
  if (last === "kurtosis") return { unit: "", kind: "vibration_kurtosis", min: 0, max: 1_000 };
  if (last.endsWith("-ratio")) {
    return { unit: "", kind: "vibration_line_ratio", min: 0, max: 100_000 };
  }
  const kind = last === "rms" || last === "peak" ? "vibration" : "vibration_band";
  return { unit: "mm/s", kind, min: 0, max: fullScaleMmS };
}
