/** What a page works out of a captured waveform. */
import type { WaveformView } from "@weir/contracts/api/fog.ts";

/** Values by axis, in the capture's unit. */
export function valuesOf({ samples, axes, scale }: WaveformView): Float64Array[] {
  const bytes = Uint8Array.from(atob(samples), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const count = Math.floor(bytes.length / 2 / axes.length);
  return axes.map((_, axis) =>
    Float64Array.from(
      { length: count },
      (_, i) => view.getInt16(2 * (i * axes.length + axis), true) * scale,
    ),
  );
}

export function rmsOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

export const peakOf = (values: Float64Array): number =>
  values.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);

/** Part of the spectrum that is drawn, Hz: below it a sensor drifts, above it there is little of a pump. */
export const lowHz = 10;
export const highHz = 500;

export interface Band {
  hz: number[];
  amplitude: number[][];
}

export function bandOf({ hz, amplitude }: WaveformView["spectrum"]): Band {
  const from = hz.findIndex((one) => one >= lowHz);
  if (from < 0) return { hz: [], amplitude: amplitude.map(() => []) };
  const above = hz.findIndex((one) => one > highHz);
  const to = above < 0 ? hz.length : above;
  return { hz: hz.slice(from, to), amplitude: amplitude.map((axis) => axis.slice(from, to)) };
}

/** A line is looked for so near its frequency: bearings slip, motors slow down under load. */
const tolerance = 0.02;
const leakageBins = 2;

/** RMS amplitude of the line at `hz`; null above the spectrum. */
export function lineAmplitude(
  { hz: bins }: WaveformView["spectrum"],
  amplitude: readonly number[],
  hz: number,
): number | null {
  const step = bins[0] ?? 0;
  const last = bins.at(-1) ?? 0;
  if (step <= 0 || hz > last) return null;
  const width = Math.max(hz * tolerance, leakageBins * step);
  let power = 0;
  for (const [index, at] of bins.entries()) {
    if (Math.abs(at - hz) <= width) power += (amplitude[index] ?? 0) ** 2;
  }
  return Math.sqrt(power);
}

const lineNames: Readonly<Record<string, string>> = {
  "1x": "Shaft, 1× (out of balance)",
  "2x": "Shaft, 2× (out of line)",
  bpfo: "Outer ring (BPFO)",
  bpfi: "Inner ring (BPFI)",
  bsf: "Ball spin (BSF)",
  ftf: "Cage (FTF)",
};

export const lineName = (name: string): string => lineNames[name] ?? name;
export const lineMark = (name: string): string => name.replace(/x$/, "×").toUpperCase();
