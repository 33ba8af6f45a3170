/** How a serial line or one of its devices misbehaves, switched from outside. */
import { u8 } from "@weir/contracts/elements.ts";
import type { Random } from "@weir/runtime/random.ts";

export type SerialFailure =
  | "silent"
  | "late"
  | "crc"
  | "echo"
  | "junk"
  | "collision"
  | "truncated"
  | "freeze"
  | "exception"
  | "unplug";

const asked = ["rtu", "csv", "sdi12"];
const all = ["rtu", "wq", "csv", "pairs", "sdi12", "vib"];

/** `lines`: those it can befall. */
export const serialFailures: Record<SerialFailure, { doc: string; lines: readonly string[] }> = {
  silent: { doc: "says nothing", lines: all },
  late: { doc: "speaks after the master's patience", lines: all },
  crc: { doc: "a wrong checksum", lines: all },
  echo: { doc: "the adapter repeats what was sent before the answer", lines: asked },
  junk: { doc: "noise stands before what is said", lines: all },
  collision: { doc: "two devices speak at once", lines: all },
  truncated: { doc: "what is said stops half way", lines: all },
  freeze: { doc: "speaks, but its values no longer move", lines: ["rtu", "wq", "csv", "pairs"] },
  exception: { doc: "says that the instrument does not answer (0x0B)", lines: ["rtu"] },
  unplug: { doc: "the cable is pulled", lines: all },
};

/** What comes back is cut or bent for these; the others are the device's own. */
type Bend = Exclude<SerialFailure, "freeze" | "exception" | "unplug">;

export interface FailureSetting {
  failure: SerialFailure;
  /** Address of the device; undefined = every one on the line. */
  device: string | undefined;
  /** Share of the answers that it hits, 0…1. */
  share: number;
  /** Of "late". */
  delayMs: number;
}

/** What is wrong with one line now. The devices read it; the port obeys `isPlugged`. */
export class LineState {
  readonly id: string;
  requestCount = 0;
  answerCount = 0;
  onPlug: (isIn: boolean) => void = () => {};
  readonly #random: Random;
  #settings: FailureSetting[] = [];

  constructor(id: string, random: Random) {
    this.id = id;
    this.#random = random;
  }

  get settings(): readonly FailureSetting[] {
    return this.#settings;
  }

  get isPlugged(): boolean {
    return !this.#settings.some(({ failure }) => failure === "unplug");
  }

  /** Returns what takes it back. */
  add(setting: FailureSetting): () => void {
    this.#change([...this.#settings, setting]);
    return () => this.#change(this.#settings.filter((other) => other !== setting));
  }

  #change(settings: FailureSetting[]): void {
    const wasPlugged = this.isPlugged;
    this.#settings = settings;
    if (this.isPlugged !== wasPlugged) this.onPlug(this.isPlugged);
  }

  has(failure: SerialFailure, device: string): boolean {
    return this.#settings.some((setting) => setting.failure === failure && isOn(setting, device));
  }

  /** What reaches the wire instead of `answer`, after the usual pause plus `delayMs`. */
  bend(answer: Uint8Array, at: { device: string; request: Uint8Array }): Bent {
    let bent: Bent = { bytes: answer, delayMs: 0 };
    for (const setting of this.#settings) {
      if (!isOn(setting, at.device) || this.#random.uniform() >= setting.share) continue;
      bent = bendOnce(bent, { setting, request: at.request, random: this.#random });
    }
    if (bent.bytes.length > 0) this.answerCount++;
    return bent;
  }
}

export interface Bent {
  bytes: Uint8Array;
  delayMs: number;
}

const isOn = (setting: FailureSetting, device: string): boolean =>
  setting.device === undefined || setting.device === device;

const nothing = new Uint8Array(0);
const junkCount = 4;

function bendOnce(
  { bytes, delayMs }: Bent,
  by: { setting: FailureSetting; request: Uint8Array; random: Random },
): Bent {
  const { setting, request, random } = by;
  switch (setting.failure as Bend) {
    case "silent":
      return { bytes: nothing, delayMs };
    case "late":
      return { bytes, delayMs: delayMs + setting.delayMs };
    case "crc":
      return { bytes: spoiled(bytes), delayMs };
    case "echo":
      return { bytes: joined(request, bytes), delayMs };
    case "junk": {
      const junk = Uint8Array.from({ length: junkCount }, () => random.integer(256));
      return { bytes: joined(junk, bytes), delayMs };
    }
    case "collision": {
      // The other transmitter is off by some bits: where either pulls the line, it is pulled.
      const other = Uint8Array.from(bytes, () => random.integer(256));
      return { bytes: bytes.map((byte, i) => byte & u8(other, i)), delayMs };
    }
    case "truncated":
      return { bytes: bytes.subarray(0, Math.floor(bytes.length / 2)), delayMs };
    default:
      return { bytes, delayMs };
  }
}

/** One bit of the checksum: of the last byte, or before the line's end of a text. */
function spoiled(bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  const isText = out.at(-1) === 0x0a;
  const at = out.length - (isText ? 3 : 1);
  if (at >= 0) out[at] = u8(out, at) ^ 1;
  return out;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
