/**
 * Instruments that print text: sentences with a checksum as GPS receivers do
 * (`$WQ,D11,CL,1.23,mg/L,OK*5A`), bare columns (`1.23,7.21,18.4`), pairs (`cl=1.23 ph=7.21`). They print by
 * themselves at a fixed time, or when asked.
 */
import { type Cancel, every } from "@weir/runtime/clock.ts";
import type { PacedLine } from "./paced-line.ts";
import type { LineState } from "./serial-failures.ts";

export interface AsciiField {
  /** As pairs and sentences name it: "cl". */
  name: string;
  unit: string;
  digits: number;
  read: () => number;
  /** False: the sentence says FAIL, and the value stays away where there is no place for that word. */
  isGood: () => boolean;
}

export type AsciiStyle = "nmea" | "csv" | "pairs";

export interface AsciiLineOptions {
  line: PacedLine;
  state: LineState;
  style: AsciiStyle;
  /** In sentences: where the instrument stands. */
  stage: string;
  fields: readonly AsciiField[];
  /** Prints each `everyMs` on the line's clock, or when `poll` arrives. */
  speaks: { everyMs: number } | { poll: string };
  beforeRequest: () => void;
}

const turnaroundMs = 15;
const pollSizeMax = 64;

export class AsciiLine {
  readonly #options: AsciiLineOptions;
  #heard = "";
  #cancel: Cancel = () => {};
  #frozen: string[] = [];

  constructor(options: AsciiLineOptions) {
    this.#options = options;
  }

  /** Prints by itself from now on, if that is its way. */
  start(): void {
    const { line, speaks } = this.#options;
    if (!("everyMs" in speaks)) return;
    this.#cancel = every(line.clock, speaks.everyMs, () => {
      this.#print(line.clock.monotonicMs(), new Uint8Array(0));
    });
  }

  stop(): void {
    this.#cancel();
  }

  receive(bytes: Uint8Array): void {
    const { line, speaks, state } = this.#options;
    const endMs = line.arrival(bytes.length);
    if (!("poll" in speaks)) return;
    this.#heard = (this.#heard + String.fromCharCode(...bytes)).slice(-pollSizeMax);
    const at = this.#heard.indexOf(speaks.poll);
    if (at < 0) return;
    this.#heard = this.#heard.slice(at + speaks.poll.length);
    state.requestCount++;
    this.#print(endMs + turnaroundMs, new TextEncoder().encode(speaks.poll));
  }

  #print(atMs: number, request: Uint8Array): void {
    const { line, state, stage, beforeRequest } = this.#options;
    beforeRequest();
    if (!state.has("freeze", stage) || this.#frozen.length === 0) this.#frozen = this.#texts();
    for (const text of this.#frozen) {
      const answer = new TextEncoder().encode(`${text}\r\n`);
      const { bytes, delayMs } = state.bend(answer, { device: stage, request });
      if (bytes.length > 0) line.send(bytes, atMs + delayMs);
    }
  }

  #texts(): string[] {
    const { style, fields, stage } = this.#options;
    const shown = fields.map((field) => ({
      ...field,
      text: field.isGood() ? field.read().toFixed(field.digits) : "",
    }));
    if (style === "csv") return [shown.map(({ text }) => text).join(",")];
    if (style === "pairs") {
      const known = shown.filter(({ text }) => text !== "");
      return [known.map(({ name, text }) => `${name}=${text}`).join(" ")];
    }
    return shown.map(({ name, unit, text }) => {
      const state = text === "" ? "FAIL" : "OK";
      return sentence(`WQ,${stage},${name.toUpperCase()},${text},${unit},${state}`);
    });
  }
}

/** `$` + body + `*` + the exclusive or of all characters between, as two hexadecimal digits (NMEA 0183). */
export function sentence(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
}
