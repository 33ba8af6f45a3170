/** Since when each named thing has been in the state it is in. */
export class StateSince {
  readonly #states = new Map<string, { state: string; sinceMs: number }>();

  /** Notes that `name` is in `state` now; returns since when it has been without a break. */
  note(name: string, state: string, nowMs: number): number {
    const known = this.#states.get(name);
    if (known?.state === state) return known.sinceMs;
    this.#states.set(name, { state, sinceMs: nowMs });
    return nowMs;
  }
}
