/** Which devices give usable readings, seen from what is handed over. */
import { f64, u8, u16 } from "@weir/contracts/elements.ts";
import { Quality } from "../conditioning/quality.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ReadingBatch } from "../hand-over.ts";

/** Longest and shortest memory of a reading, for tags that are read seldom. */
const memoryMsMin = 60_000;

export class DeliveryWatch {
  readonly #configuration: Configuration;
  readonly #deviceOf: Uint16Array;
  /** Monotonic plant time of the newest usable reading. */
  readonly #seenMs: Float64Array;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#deviceOf = Uint16Array.from(configuration.tags, ({ device }) => device);
    this.#seenMs = new Float64Array(configuration.devices.length).fill(Number.NaN);
  }

  note({ tags, qualities }: ReadingBatch, monotonicMs: number): void {
    for (let i = 0; i < tags.length; i++) {
      if (u8(qualities, i) > Quality.UNCERTAIN) continue;
      this.#seenMs[u16(this.#deviceOf, u16(tags, i))] = monotonicMs;
    }
  }

  has(device: number): boolean {
    return !Number.isNaN(f64(this.#seenMs, device));
  }

  get hasAny(): boolean {
    return this.#seenMs.some((ms) => !Number.isNaN(ms));
  }

  /** Ids of the devices that gave a reading not longer ago than their slowest tag explains. */
  delivering(monotonicMs: number): Set<string> {
    const { devices, tags } = this.#configuration;
    const memoryMs = new Float64Array(devices.length).fill(memoryMsMin);
    for (const { device, staleAfterMs } of tags) {
      memoryMs[device] = Math.max(f64(memoryMs, device), staleAfterMs);
    }
    const alive = devices.filter(
      ({ index }) => monotonicMs - f64(this.#seenMs, index) <= f64(memoryMs, index),
    );
    return new Set(alive.map(({ id }) => id));
  }
}
