/**
 * A pipe: what goes in comes out when its own volume has passed, whatever the flow did meanwhile. The
 * ring is indexed by cumulative volume, not time.
 */

import assert from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import { type Water, width } from "./water.ts";

export class PlugFlow {
  readonly #slots: Float64Array;
  readonly #enteredMs: Float64Array;
  readonly #slotM3: number;
  readonly #count: number;
  /** Slot being filled now. */
  #head = 0;
  #filledM3 = 0;

  constructor(options: { volumeM3: number; slotCount: number; initial: Water; nowMs: number }) {
    this.#count = options.slotCount + 1; // one more is being filled
    this.#slotM3 = options.volumeM3 / options.slotCount;
    this.#slots = new Float64Array(this.#count * width);
    for (let i = 0; i < this.#count; i++) this.#slots.set(options.initial, i * width);
    this.#enteredMs = new Float64Array(this.#count).fill(options.nowMs);
  }

  push(water: Water, volumeM3: number, nowMs: number): void {
    let rest = volumeM3;
    while (rest > 0) {
      const room = this.#slotM3 - this.#filledM3;
      const part = Math.min(room, rest);
      const at = this.#head * width;
      const share = part / (this.#filledM3 + part);
      for (let k = 0; k < width; k++) {
        const old = f64(this.#slots, at + k);
        this.#slots[at + k] = old + share * (f64(water, k) - old);
      }
      this.#enteredMs[this.#head] = nowMs;
      this.#filledM3 += part;
      rest -= part;
      if (this.#slotM3 - this.#filledM3 < 1e-9) {
        this.#head = (this.#head + 1) % this.#count;
        this.#filledM3 = 0;
      }
    }
  }

  /** Reads the water `fraction` (0 = inlet, 1 = outlet) along the pipe into `into`; returns its age in seconds. */
  read(fraction: number, into: Water, nowMs: number): number {
    assert(fraction >= 0 && fraction <= 1);
    // Slot 1 back was filled last; interpolate by how far the filling one has come.
    const back = 1 + fraction * (this.#count - 2) - this.#filledM3 / this.#slotM3;
    const newer = Math.max(0, Math.floor(back));
    const share = Math.max(0, back - newer);
    const a = (this.#head - newer + this.#count * 2) % this.#count;
    const b = (this.#head - Math.min(newer + 1, this.#count - 1) + this.#count * 2) % this.#count;
    // An empty slot being filled still holds the oldest water: take its older neighbour.
    const from = newer === 0 && this.#filledM3 === 0 ? b : a;
    for (let k = 0; k < width; k++) {
      const x = f64(this.#slots, from * width + k);
      into[k] = x + share * (f64(this.#slots, b * width + k) - x);
    }
    const t = f64(this.#enteredMs, from);
    const entered = t + share * (f64(this.#enteredMs, b) - t);
    return Math.max(0, (nowMs - entered) / 1000);
  }
}
