/**
 * One question and its answer on an SDI-12 bus: break, marking, command, answer; three tries, each with a
 * break of its own (SDI-12 v1.4, sections 4.2, 7). Over a device server there is no break; sensors that
 * sleep then need a server that sends it.
 */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { present } from "@weir/contracts/present.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { type Answer, openAnswer } from "./sdi12-answer.ts";

export interface Sdi12Wire {
  write(bytes: Uint8Array): void;
  readonly setBreak: ((isOn: boolean) => void) | undefined;
}

export interface Sdi12Question {
  /** One character, or "?" for whoever is there. */
  address: string;
  /** "M!", "D0!"; "!" alone asks for an acknowledgement. */
  command: string;
  hasCrc: boolean;
  /** An answer that this refuses is tried again; returns what is wrong with it. */
  check?: (body: string) => string | undefined;
}

export const triesMax = 3;
/** At least 12 ms of spacing and 8.33 ms of marking; a computer's timers are late rather than early. */
const breakMs = 15;
const markMs = 10;
/** One character at 1200 baud: start, seven bits, parity, stop. */
export const characterMs = 10_000 / 1_200;
/** Between characters 1.66 ms are allowed; adapters and networks deliver them in lumps. */
const lumpMs = 120;
/** 4.4: no answer is longer. */
const answerLengthMax = 84;

export class Sdi12Master {
  readonly #wire: Sdi12Wire;
  readonly #clock: Clock;
  readonly #firstByteMs: number;
  #question: Sdi12Question | undefined;
  #settle: ((answer: Answer) => void) | undefined;
  #tries = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;
  #isListening = false;
  #heard = "";
  #flaw = "";
  #cancel: Cancel = () => {};
  /** Damaged or unasked bytes. */
  discardedBytes = 0;
  retryCount = 0;

  /** `firstByteMs`: longest wait for an answer's first character, the way to the sensor included. */
  constructor(wire: Sdi12Wire, clock: Clock, { firstByteMs }: { firstByteMs: number }) {
    this.#wire = wire;
    this.#clock = clock;
    this.#firstByteMs = firstByteMs;
  }

  get isBusy(): boolean {
    return this.#settle !== undefined;
  }

  /** Calls `settle` exactly once. Only when not busy. */
  ask(question: Sdi12Question, settle: (answer: Answer) => void): void {
    assert(!this.isBusy);
    this.#question = question;
    this.#settle = settle;
    this.#tries = 0;
    this.#try();
  }

  /**
   * Waits at most `forMs` for the service request of `address`, asking nothing. `settle` is called once: ok
   * whether it came or not, not ok when the line is gone. Only when not busy.
   */
  awaitService(address: string, forMs: number, settle: (answer: Answer) => void): void {
    assert(!this.isBusy);
    this.#question = { address, command: "", hasCrc: false };
    this.#settle = settle;
    this.#heard = "";
    this.#isListening = true;
    this.#cancel = this.#clock.after(forMs, () =>
      this.#finish({ ok: true, from: address, body: "" }),
    );
  }

  receive(bytes: Uint8Array): void {
    if (!this.#isListening || !this.#question) {
      this.discardedBytes += bytes.length;
      return;
    }
    const { command, address } = this.#question;
    this.#heard += Buffer.from(bytes).toString("latin1");
    // A break reads as zeros; between characters a zero is one that was damaged.
    this.#heard = this.#heard.replace(/^\0+/, "");
    // Adapters whose two wires are one hear themselves.
    const echo = `${address}${command}`;
    if (command !== "" && this.#heard.startsWith(echo))
      this.#heard = this.#heard.slice(echo.length);
    const end = this.#heard.indexOf("\r\n");
    if (end >= 0) {
      this.#answered(this.#heard.slice(0, end));
    } else if (this.#heard.length > answerLengthMax) {
      this.#flaw = "more characters than an answer has";
      if (command === "") this.#heard = "";
    } else if (command !== "") {
      this.#awaitBytes(lumpMs);
    }
  }

  /** The line is gone; a question that waits is settled. */
  abort(text: string): void {
    if (this.isBusy) this.#finish({ ok: false, text });
    this.#cancel();
  }

  #try(): void {
    const { setBreak } = this.#wire;
    this.#tries++;
    this.#heard = "";
    this.#flaw = "";
    this.#isListening = false;
    if (!setBreak) {
      this.#send();
      return;
    }
    setBreak(true);
    this.#cancel = this.#clock.after(breakMs, () => {
      setBreak(false);
      this.#cancel = this.#clock.after(markMs, () => this.#send());
    });
  }

  #send(): void {
    const { address, command } = present(this.#question);
    const bytes = Buffer.from(address + command, "latin1");
    this.#isListening = true;
    this.#lastSentMs = this.#clock.monotonicMs();
    if (this.#tries === 1) this.#firstSentMs = this.#lastSentMs;
    this.#wire.write(bytes);
    this.#awaitBytes(bytes.length * characterMs + this.#firstByteMs);
  }

  #awaitBytes(forMs: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(forMs, () => {
      const isSilent = this.#heard === "";
      this.#failed(this.#flaw || (isSilent ? "does not answer" : "its answer breaks off"));
    });
  }

  #answered(line: string): void {
    const question = present(this.#question);
    this.#heard = "";
    const answer = openAnswer(line, question);
    if (question.command === "") {
      // Anything but the service request is noise: the wait goes on.
      if (answer.ok && answer.body === "") this.#finish(answer);
      return;
    }
    const flaw = answer.ok ? question.check?.(answer.body) : answer.text;
    if (flaw !== undefined) {
      this.discardedBytes += line.length;
      this.#failed(flaw);
      return;
    }
    if (this.#tries === 1) {
      this.#finish(answer);
      return;
    }
    // It may answer an earlier try; then that to the last one comes as late, and must not meet the next
    // question: nothing in an answer says which question it belongs to.
    this.#isListening = false;
    this.#cancel();
    const nowMs = this.#clock.monotonicMs();
    const latestMs = this.#lastSentMs + (nowMs - this.#firstSentMs) + lumpMs;
    const quietMs = Math.max(this.#firstByteMs, latestMs - nowMs);
    this.#cancel = this.#clock.after(quietMs, () => this.#finish(answer));
  }

  #failed(text: string): void {
    this.#cancel();
    if (this.#tries >= triesMax) {
      this.#finish({ ok: false, text });
      return;
    }
    this.retryCount++;
    this.#isListening = false;
    // Whatever still comes belongs to the try that failed.
    this.#cancel = this.#clock.after(lumpMs, () => this.#try());
  }

  #finish(answer: Answer): void {
    this.#cancel();
    this.#isListening = false;
    const settle = this.#settle;
    this.#settle = undefined;
    this.#question = undefined;
    settle?.(answer);
  }
}
