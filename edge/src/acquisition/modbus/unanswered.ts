/**
 * Requests whose answers never came, and may still come. On a serial line an answer carries no id:
 * while one is owed, another that has the same form may be the old one.
 */

import { elementAt } from "@weir/contracts/elements.ts";
import { answerSize, type ModbusRequest, readBitsMax, readRegistersMax } from "./request.ts";
import { checkRtuFrame } from "./rtu-frame.ts";

/** An answer that is later than this is not expected any more. */
export const owedForMs = 10_000;
/** Requests remembered; older ones are forgotten first. */
const owedMax = 16;

export type Read = Extract<ModbusRequest, { fc: 1 | 2 | 3 | 4 }>;

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

  /** A value of `unit` may still come that nothing has overtaken. */
  isDoubtful(unit: number, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#debts.some((debt) => isOpenOf(unit, debt) && !isQuery(debt.request));
  }

  /** `unit` answered a question in a way in which nothing older could be answered. */
  overtaken(unit: number): void {
    for (const debt of this.#debts) if (debt.request.unit === unit) debt.isOvertaken = true;
  }

  /** An answer of `unit` to function 8 may still come. */
  isQueryOpen(unit: number): boolean {
    return this.#debts.some((debt) => isOpenOf(unit, debt) && isQuery(debt.request));
  }

  /**
   * A read at the place of `base` whose answer has a form that is not owed: of fewer values, which every
   * device that has `base` has as well, else of more, which it may refuse.
   */
  freshRead(base: Read): Read {
    const { count: usual } = base;
    const isFresh = (count: number): boolean => {
      const read = { ...base, count };
      if (answerSize(read) === answerSize(base)) return false;
      return !this.#debts.some((debt) => !debt.isOvertaken && isAlike(debt.request, read));
    };
    for (let count = usual - 1; count >= 1; count--) if (isFresh(count)) return { ...base, count };
    const most = Math.min(base.fc <= 2 ? readBitsMax : readRegistersMax, 0x10000 - base.address);
    for (let count = usual + 1; count <= most; count++) {
      if (isFresh(count)) return { ...base, count };
    }
    return base;
  }

  /** An answer to `request` looks the same as one that is owed. */
  looksLike(request: ModbusRequest, nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#debts.some((debt) => isAlike(debt.request, request));
  }

  /** When the newest request was sent whose answer may still come and that nothing has overtaken; −∞ without one. */
  newestOpenMs(): number {
    return this.#debts.findLast((debt) => !debt.isOvertaken)?.atMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Strikes off the oldest request that `bytes`, which came unasked, answer; returns its answer.
   * `isCopy`: a frame that has been seen before answers nothing.
   */
  settle(bytes: Uint8Array, isCopy: (frame: Uint8Array) => boolean): Uint8Array | undefined {
    for (const [index, { request }] of this.#debts.entries()) {
      const answer = answerIn(bytes, request, isCopy);
      if (!answer) continue;
      this.#debts.splice(index, 1);
      return answer;
    }
    return undefined;
  }

  #forget(nowMs: number): void {
    if (this.#debts.length === 0 || nowMs - elementAt(this.#debts, 0).atMs < owedForMs) return;
    this.#debts = this.#debts.filter((debt) => nowMs - debt.atMs < owedForMs);
  }
}

const isQuery = ({ fc }: ModbusRequest): boolean => fc === 8;

const isOpenOf = (unit: number, debt: Debt): boolean =>
  debt.request.unit === unit && !debt.isOvertaken;

const isAlike = (a: ModbusRequest, b: ModbusRequest): boolean =>
  a.unit === b.unit && a.fc === b.fc && answerSize(a) === answerSize(b);

function answerIn(
  bytes: Uint8Array,
  request: ModbusRequest,
  isCopy: (frame: Uint8Array) => boolean,
): Uint8Array | undefined {
  for (let at = 0; at < bytes.length; at++) {
    const check = checkRtuFrame(request, bytes, { at, length: bytes.length - at });
    if (check.at !== "answer" && check.at !== "exception") continue;
    const frame = bytes.subarray(at, at + check.size);
    if (!isCopy(frame)) return frame;
  }
  return undefined;
}
