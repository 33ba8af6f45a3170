/** What is to happen when, worked off between two moves of the clock, so that a run is a function of its seed. */

export interface Appointment {
  atMs: number;
  run: () => void | Promise<void>;
}

export class Agenda {
  readonly #list: Appointment[] = [];

  /** World time of the next appointment; Infinity when there is none. */
  get nextMs(): number {
    return this.#list[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(atMs: number, run: Appointment["run"]): void {
    const later = this.#list.findIndex((other) => other.atMs > atMs);
    this.#list.splice(later < 0 ? this.#list.length : later, 0, { atMs, run });
  }

  /** Runs what is due at `nowMs`, one after the other. */
  async keep(nowMs: number): Promise<void> {
    while (this.nextMs <= nowMs) await this.#list.shift()?.run();
  }

  clear(): void {
    this.#list.length = 0;
  }
}
