/** A captured waveform for the page that draws it, and as a file. */

import type { WaveformView } from "@weir/contracts/api/fog.ts";
import { f64 } from "@weir/contracts/elements.ts";
import type { Waveform } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { HannSpectrum } from "@weir/detectors/vibration/hann-spectrum.ts";
import type { StoredWaveform } from "../ingest/stored-waveforms.ts";

/** Samples of one transform: 0.24 Hz a bin at 1 kHz. Several, half overlapping, are averaged. */
const transformSizeMax = 4_096;
const transformSizeMin = 64;
const axisNames = ["x", "y", "z"] as const;
const shownDigits = 4;

export function waveformView({ id, edge, waveform }: StoredWaveform): WaveformView {
  const { device, stage, rule, fromMs, rateHz, unit, scale, samples, lines } = waveform;
  return {
    ...{ id, edge, device, stage, rule, fromMs, rateHz, unit, scale },
    axes: axisNamesOf(waveform),
    samples: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString("base64"),
    lines: lines.map(({ name, hz }) => ({ name, hz })),
    spectrum: spectrumOf(waveform),
  };
}

/** Seconds from the first sample, and a column in `unit` for each axis. */
export function waveformCsv({ waveform }: StoredWaveform): string {
  const { rateHz, unit, scale } = waveform;
  const columns = axesOf(waveform);
  const lines = [
    ["s", ...axisNamesOf(waveform).map((name) => quoted(`${name} [${unit}]`))].join(","),
  ];
  const count = columns[0]?.length ?? 0;
  for (let i = 0; i < count; i++) {
    const values = columns.map((column) => Number((f64(column, i) * scale).toPrecision(6)));
    lines.push([Number((i / rateHz).toFixed(6)), ...values].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** RFC 4180. The text opens with a name of ours, so no program takes it for a formula. */
const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const axisNamesOf = ({ axes }: Waveform): string[] =>
  Array.from({ length: axes }, (_, axis) => axisNames[axis] ?? `axis ${axis + 1}`);

/** Counts by axis; a rest that is no whole instant is left out. */
function axesOf({ axes, samples }: Waveform): Float64Array[] {
  const view = new DataView(samples.buffer, samples.byteOffset, samples.byteLength);
  const count = axes > 0 ? Math.floor(samples.byteLength / 2 / axes) : 0;
  return Array.from({ length: axes }, (_, axis) =>
    Float64Array.from({ length: count }, (_, i) => view.getInt16(2 * (i * axes + axis), true)),
  );
}

/** Welch's method: half-overlapping Hann windows, powers averaged. */
function spectrumOf(waveform: Waveform): WaveformView["spectrum"] {
  const columns = axesOf(waveform);
  const count = columns[0]?.length ?? 0;
  const size = Math.min(transformSizeMax, 2 ** Math.floor(Math.log2(count || 1)));
  if (size < transformSizeMin) return { hz: [], amplitude: columns.map(() => []) };
  const transform = new HannSpectrum(size);
  const hzPerBin = waveform.rateHz / size;
  const amplitude = columns.map((column) => {
    const sum = new Float64Array(size / 2 + 1);
    let parts = 0;
    for (let from = 0; from + size <= count; from += size / 2) {
      const powers = transform.transform(column.subarray(from, from + size));
      for (let bin = 0; bin < sum.length; bin++) sum[bin] = f64(sum, bin) + f64(powers, bin);
      parts += 1;
    }
    return Array.from(sum.subarray(1), (power) => shown(Math.sqrt(power / parts) * waveform.scale));
  });
  return {
    hz: Array.from({ length: size / 2 }, (_, bin) => shown((bin + 1) * hzPerBin)),
    amplitude,
  };
}

const shown = (value: number): number => Number(value.toPrecision(shownDigits));
