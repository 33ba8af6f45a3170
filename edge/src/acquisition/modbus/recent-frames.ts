/** The frames of a moment ago: radios and repeaters deliver some of them twice. */
import { elementAt } from "@weir/contracts/elements.ts";
import { rtuFrameSizeMax } from "./rtu-frame.ts";

const framesMax = 4;
/** A second copy is not later than this, milliseconds. */
const copyWithinMs = 150;

interface Seen {
  bytes: Uint8Array;
  size: number;
  atMs: number;
}

export class RecentFrames {
  readonly #seen: Seen[] = Array.from({ length: framesMax }, () => ({
    bytes: new Uint8Array(rtuFrameSizeMax),
    size: 0,
    atMs: Number.NEGATIVE_INFINITY,
  }));
  #next = 0;

  add(frame: Uint8Array, atMs: number): void {
    const slot = elementAt(this.#seen, this.#next);
    this.#next = (this.#next + 1) % framesMax;
    slot.bytes.set(frame);
    slot.size = frame.length;
    slot.atMs = atMs;
  }

  has(frame: Uint8Array, nowMs: number): boolean {
    return this.#seen.some((seen) => nowMs - seen.atMs <= copyWithinMs && isSame(seen, frame));
  }
}

function isSame({ bytes, size }: Seen, frame: Uint8Array): boolean {
  if (size !== frame.length) return false;
  for (let i = 0; i < size; i++) if (bytes[i] !== frame[i]) return false;
  return true;
}
