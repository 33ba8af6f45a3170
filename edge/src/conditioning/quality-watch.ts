/** Which changes of quality are worth telling: those that last. One bad frame is no news. */
import { u8 } from "@weir/contracts/elements.ts";
import { Quality } from "./quality.ts";

/** Readings in a row with the new quality; a stale tag has waited long enough already. */
const lastingCount = 3;

export class QualityWatch {
  readonly #told: Uint8Array;
  readonly #toldReason: Uint8Array;
  readonly #candidate: Uint8Array;
  readonly #count: Uint8Array;

  constructor(tagCount: number) {
    this.#told = new Uint8Array(tagCount).fill(Quality.GOOD);
    this.#toldReason = new Uint8Array(tagCount);
    this.#candidate = new Uint8Array(tagCount).fill(Quality.GOOD);
    this.#count = new Uint8Array(tagCount);
  }

  /** True when the change to `quality` is to be told now. */
  step(tag: number, quality: number, reason: number): boolean {
    if (quality === this.#told[tag] && reason === this.#toldReason[tag]) {
      this.#count[tag] = 0;
      return false;
    }
    if (quality !== this.#candidate[tag]) {
      this.#candidate[tag] = quality;
      this.#count[tag] = 0;
    }
    this.#count[tag] = u8(this.#count, tag) + 1;
    if (quality !== Quality.STALE && u8(this.#count, tag) < lastingCount) return false;
    this.#told[tag] = quality;
    this.#toldReason[tag] = reason;
    this.#count[tag] = 0;
    return true;
  }
}
