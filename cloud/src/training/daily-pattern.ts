/**
 * A window's own daily pattern, taken out before the network and put back behind it. A week of
 * hours would otherwise be nearly all day and night, which an LSTM that writes 168 steps from a
 * few numbers needs far more data to learn than a site has; what is left is level, trend and the
 * difference of one day from another: where wear shows. No clock is needed, since a window of
 * whole days holds each hour of the day equally often.
 */
import { f32 } from "@weir/contracts/elements.ts";
import type { ModelDef } from "./model-def.ts";

const dayMs = 86_400_000;
/** Over fewer days a single bad one would be its own pattern. */
const dayCountMin = 3;

/** Steps of one day, or 0 when the window does not consist of at least three whole days. */
export function daySteps(def: Pick<ModelDef, "window">, stepMs: number): number {
  const steps = dayMs / stepMs;
  const whole = Number.isInteger(steps) && def.window % steps === 0;
  return whole && steps > 1 && def.window / steps >= dayCountMin ? steps : 0;
}

/**
 * Takes the pattern (mean of each step of the day, less the mean of all) out of standardised
 * `windows` [count, window, channels], in place; returns it, [count, steps, channels].
 */
export function takeOutPattern(def: ModelDef, windows: Float32Array, steps: number): Float32Array {
  const { window, channels } = def;
  const size = window * channels;
  const count = windows.length / size;
  const pattern = new Float32Array(count * steps * channels);
  if (steps === 0) return pattern;
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      let level = 0;
      for (let t = 0; t < window; t++) level += f32(windows, n * size + t * channels + c) / window;
      for (let step = 0; step < steps; step++) {
        let sum = 0;
        for (let t = step; t < window; t += steps) sum += f32(windows, n * size + t * channels + c);
        pattern[(n * steps + step) * channels + c] = (sum * steps) / window - level;
      }
    }
  }
  movePattern(def, windows, { pattern, steps, sign: -1 });
  return pattern;
}

/** Adds (sign 1) or subtracts (−1) a pattern, in place. */
export function movePattern(
  def: ModelDef,
  windows: Float32Array,
  { pattern, steps, sign }: { pattern: Float32Array; steps: number; sign: 1 | -1 },
): void {
  if (steps === 0) return;
  const size = def.window * def.channels;
  const day = steps * def.channels;
  for (let i = 0; i < windows.length; i++) {
    const n = Math.floor(i / size);
    windows[i] = f32(windows, i) + sign * f32(pattern, n * day + ((i % size) % day));
  }
}
