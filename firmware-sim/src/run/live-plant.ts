/** Lets a plant live by its clock: whole seconds, in bounded bites, and at once when somebody reads. */
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { Plant } from "../create-plant.ts";

/** Real milliseconds between two looks at the clock while nobody reads. */
const tickMs = 50;
/** Steps taken in one bite; a late plant catches up over several, so that requests are still answered. */
const biteCountMax = 2_000;

export class LivePlant {
  readonly plant: Plant;
  readonly #clock: Clock;
  #cancel: Cancel = () => {};

  constructor(plant: Plant, clock: Clock) {
    this.plant = plant;
    this.#clock = clock;
  }

  start(ioClock: Clock): void {
    this.#cancel = every(ioClock, tickMs, () => {
      this.catchUp();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Brings the plant to the present; false while it is still late. */
  catchUp(): boolean {
    const nowMs = this.#clock.nowMs();
    this.plant.advanceTo(nowMs, { stepCountMax: biteCountMax });
    return nowMs - this.plant.nowMs < 1_000;
  }

  /** Plant milliseconds that the plant lags its clock. */
  get lateMs(): number {
    return Math.max(0, this.#clock.nowMs() - this.plant.nowMs);
  }
}
