/**
 * Requests whose answers never came, and may still come. On a serial line an answer carries no id:
 * while one is owed, another that has the same form may be the old one.
 */

import { answerSize, type ModbusRequest } from "./request.ts";
import { checkRtuFrame } from "./rtu-frame.ts";

/** An answer that is later than this is not expected any more. */
export const owedForMs = 10_000;
/** Requests remembered; older ones are forgotten first. */
const owedMax = 16;

interface Debt {
  request: ModbusRequest;
  atMs: number;
  /** A later question of the same unit has been answered since: a device answers in turn. */
  isOvertaken: boolean;
}

export class Unanswered {
  #debts: Debt[] = [];

  add(request: ModbusRequest, atMs: number): void {
    this.#debts.push({ request, atMs, isOvertaken: false });
    if (this.#debts.length > owedMax) this.#debts.shift();
  }

  /** An answer of `unit` may still come that nothing has overtaken. */
  isDoubtful(unit: number, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#debts.some((debt) => debt.request.unit === unit && !debt.isOvertaken);
  }

  /** A question that nothing else could answer was answered by `unit`. */
  overtaken(unit: number): void {
    for (const debt of this.#debts) if (debt.request.unit === unit) debt.isOvertaken = true;
  }

  /** An answer to `request` looks the same as one that is owed. */
  looksLike(request: ModbusRequest, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#debts.some((debt) => isAlike(debt.request, request));
  }

  /** The same of any unit. */
  isAnyOpen(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#debts.some((debt) => !debt.isOvertaken);
  }

  /** Strikes off the oldest request that `bytes[0…length)`, which came unasked, answer; true when there is one. */
  settle(bytes: Uint8Array, length: number): boolean {
    const index = this.#debts.findIndex(({ request }) => answers(request, bytes, length));
    if (index >= 0) this.#debts.splice(index, 1);
    return index >= 0;
  }

  #forget(nowMs: number): void {
    if (this.#debts.length === 0 || nowMs - this.#debts[0]!.atMs < owedForMs) return;
    this.#debts = this.#debts.filter((debt) => nowMs - debt.atMs < owedForMs);
  }
}

const isAlike = (a: ModbusRequest, b: ModbusRequest): boolean =>
  a.unit === b.unit && a.fc === b.fc && answerSize(a) === answerSize(b);

function answers(request: ModbusRequest, bytes: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) {
    const check = checkRtuFrame(request, bytes, { at, length: length - at });
    if (check.at === "answer" || check.at === "exception") return true;
  }
  return false;
}
