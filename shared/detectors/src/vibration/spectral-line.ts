/** How strong a line of a power spectrum is, in itself and against what surrounds it. */
import { f64 } from "@weir/contracts/elements.ts";
import { lineHalfWidthBins } from "./hann-spectrum.ts";

/** A line is sought within this share of its frequency: slip and a speed that is not quite the one given. */
export const lineTolerance = 0.02;
/** The background is judged within this share of the line's frequency, and within so many Hz at least. */
const surroundingShare = 0.25;
const surroundingHzMin = 10;

export interface LineSpectrum {
  /** Mean square by bin. */
  powers: Float64Array;
  hzPerBin: number;
  /** Bins outside take no part. */
  lowHz: number;
  highHz: number;
}

/** First and last bin of the line at `hz`; wide enough for the window's leakage. */
function bandOf({ powers, hzPerBin }: LineSpectrum, hz: number): readonly [number, number] {
  const centre = hz / hzPerBin;
  const width = Math.max(centre * lineTolerance, lineHalfWidthBins);
  const last = powers.length - 1;
  return [Math.max(1, Math.ceil(centre - width)), Math.min(last, Math.floor(centre + width))];
}

/** Mean square of the line at `hz`; 0 above the spectrum's band. */
export function linePower(spectrum: LineSpectrum, hz: number): number {
  if (hz > spectrum.highHz) return 0;
  const [first, last] = bandOf(spectrum, hz);
  let power = 0;
  for (let bin = first; bin <= last; bin++) power += f64(spectrum.powers, bin);
  return power;
}

/**
 * Amplitude of the strongest bin of the line over the median amplitude around it: 1 to 4 is noise, a line
 * stands out above that. The median ignores the other lines nearby. `scratch`: as long as the powers.
 */
export function lineOverBackground(
  spectrum: LineSpectrum,
  hz: number,
  scratch: Float64Array,
): number {
  const { powers, hzPerBin, lowHz, highHz } = spectrum;
  if (hz > highHz) return Number.NaN;
  const [first, last] = bandOf(spectrum, hz);
  let strongest = 0;
  for (let bin = first; bin <= last; bin++) strongest = Math.max(strongest, f64(powers, bin));
  const reach = Math.max(hz * surroundingShare, surroundingHzMin);
  const from = Math.ceil(Math.max(lowHz, hz - reach) / hzPerBin);
  const to = Math.floor(Math.min(highHz, hz + reach) / hzPerBin);
  let count = 0;
  for (let bin = from; bin <= to; bin++) {
    if (bin < first || bin > last) scratch[count++] = f64(powers, bin);
  }
  if (count === 0) return Number.NaN;
  const median = f64(scratch.subarray(0, count).sort(), count >> 1);
  return median === 0 ? Number.NaN : Math.sqrt(strongest / median);
}
