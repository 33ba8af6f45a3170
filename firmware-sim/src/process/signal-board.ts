/** Named numbers in one typed array: the true quantities of the plant, and the knobs that events turn. */

import assert from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";

/** The index of a signal among those that a part of the plant has declared. */
export function indexIn(declared: Readonly<Record<string, number>>, name: string): number {
  const index = declared[name];
  assert(index !== undefined, `no signal ${name}`);
  return index;
}

export class SignalBoard {
  readonly values: Float64Array;
  readonly #indexes = new Map<string, number>();

  constructor(capacityCount: number) {
    this.values = new Float64Array(capacityCount);
  }

  /** Declares `name`, once, and returns its index in `values`. */
  add(name: string, value = 0): number {
    assert(!this.#indexes.has(name), `signal ${name} is declared twice`);
    const index = this.#indexes.size;
    assert(index < this.values.length, "signal board is full");
    this.#indexes.set(name, index);
    this.values[index] = value;
    return index;
  }

  indexOf(name: string): number | undefined {
    return this.#indexes.get(name);
  }

  get(name: string): number {
    const index = this.#indexes.get(name);
    assert(index !== undefined, `no signal ${name}`);
    return f64(this.values, index);
  }

  names(): string[] {
    return [...this.#indexes.keys()];
  }
}
