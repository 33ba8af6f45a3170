/**
 * Whether an answer on a serial line is the one to the request just sent. Nothing in it says so: what
 * can be known is which other answers may still come, and how long the right one usually takes.
 */
import type { DiscardedBytes } from "./discarded-bytes.ts";
import { RecentFrames } from "./recent-frames.ts";
import type { ModbusRequest } from "./request.ts";
import type { RtuExchange } from "./rtu-exchange.ts";
import { exchangeBytes } from "./rtu-timing.ts";
import { type Read, Unanswered } from "./unanswered.ts";
import { UnitManners } from "./unit-manners.ts";

/** Function codes that stand for nothing that a bus in use carries. */
const unknownFunctionsFrom = 0x40;
const unknownFunctionsCount = 64;

export interface TrustOptions {
  /** 0 where the line's speed is not known. */
  byteMs: number;
  /** Least silence between two frames. */
  gapMs: number;
  timeoutMs: number;
  quarantineMs: number;
  turnaroundMs: number;
  echo: boolean;
  resync: boolean;
}

/** An exchange whose answer is whole. */
export interface Answered {
  request: ModbusRequest;
  /** Size of the answer, bytes. */
  size: number;
  sentMs: number;
  nowMs: number;
}

export interface ProbeAnswer {
  isRefusal: boolean;
  size: number;
  nowMs: number;
}

export class AnswerTrust {
  readonly #options: TrustOptions;
  readonly #exchange: RtuExchange;
  readonly #unanswered = new Unanswered();
  readonly #recent = new RecentFrames();
  readonly #manners: UnitManners;
  /** Something came back on this connection that was not what we sent. */
  isEchoFree = false;
  /** Comes round after 64 probes: their answers are all here or hopeless by then. */
  #nonce = 0;

  constructor(options: TrustOptions, exchange: RtuExchange) {
    this.#options = options;
    this.#exchange = exchange;
    this.#manners = new UnitManners(options.turnaroundMs);
  }

  /** Whether `request` must wait for a probe. Writes never do: their answers tell which write they belong to. */
  mustProbe({ fc, unit }: ModbusRequest, nowMs: number): boolean {
    return this.#options.resync && isRead(fc) && this.#unanswered.isDoubtful(unit, nowMs);
  }

  /** A question to the unit of `request` that only its own answer fits. */
  probe(request: ModbusRequest): ModbusRequest {
    const { unit } = request;
    const query = this.#manners.query(unit);
    // Its answer is its image: on a line that may echo it proves nothing. A refusal has no number.
    const mayAsk =
      query === "returns" || (query === "refuses" && !this.#unanswered.isQueryOpen(unit));
    return this.isEchoFree && mayAsk
      ? this.#queryOf(unit)
      : this.#unanswered.freshRead(readAt(request));
  }

  /** What is to be asked once, to learn whether `unit` answers it; undefined when nothing is. */
  introduction(unit: number): ModbusRequest | undefined {
    if (!this.#options.resync || this.#manners.query(unit) !== "unknown") return undefined;
    return this.#queryOf(unit);
  }

  #queryOf(unit: number): ModbusRequest {
    // Slaves that do not know function 8 take four bytes of it for a frame, and the rest for another: that
    // one is whole as well then, to the same unit (libmodbus waits for the answers of others), with a
    // function that nobody has.
    this.#nonce = (this.#nonce + 1) % unknownFunctionsCount;
    return { fc: 8, unit, data: (unit << 8) | (unknownFunctionsFrom + this.#nonce) };
  }

  /** `probe` was answered, by its data or by a refusal: what was owed before it has been overtaken. */
  probed({ unit, fc }: ModbusRequest, answer: ProbeAnswer): void {
    this.#recent.add(this.#exchange.answer(answer.size), answer.nowMs);
    if (fc === 8) this.#manners.setQuery(unit, answer.isRefusal ? "refuses" : "returns");
    this.#unanswered.overtaken(unit);
    if (!this.#exchange.isRequestRepeated(answer.size)) this.isEchoFree = true;
  }

  introductionFailed(unit: number): void {
    this.#manners.setQuery(unit, "silent");
  }

  /** How long the answer must wait for another one, which would make both worthless; 0: it is believed. */
  holdMs(answered: Answered): number {
    const { request, size, sentMs, nowMs } = answered;
    const { byteMs, gapMs, timeoutMs } = this.#options;
    const { unit } = request;
    const bytes = exchangeBytes(request);
    const passedMs = nowMs - sentMs;
    if (!this.#isSuspect(answered)) {
      this.#manners.answered(unit, Math.max(0, passedMs - (bytes.asked + size) * byteMs));
      return 0;
    }
    // Without the question that tells old from new there is only time.
    if (!isWrite(request.fc) && this.#unanswered.isDoubtful(unit, nowMs)) return timeoutMs;
    const usualMs = (bytes.asked + bytes.answered) * byteMs + this.#manners.usualTurnaroundMs(unit);
    return Math.max(gapMs, usualMs - passedMs);
  }

  #isSuspect({ request, size, nowMs }: Answered): boolean {
    if (!this.#options.echo && this.#exchange.isRequestRepeated(size)) return true;
    if (this.#unanswered.looksLike(request, nowMs)) return true;
    return this.#recent.has(this.#exchange.answer(size), nowMs);
  }

  /** Whether the answer may be the line's own echo; otherwise it is remembered as believed. */
  isMaybeEcho(size: number, nowMs: number): boolean {
    if (!this.#exchange.isRequestRepeated(size)) this.isEchoFree = true;
    else if (!this.#options.echo && !this.isEchoFree) return true;
    this.#recent.add(this.#exchange.answer(size), nowMs);
    return false;
  }

  /** `request` was sent, and its answer did not come or was not believed. */
  owed(request: ModbusRequest, sentMs: number): void {
    if (request.unit !== 0) this.#unanswered.add(request, sentMs);
  }

  /** Strikes off what the bytes that came unasked answer. */
  recognise(discarded: DiscardedBytes, nowMs: number): void {
    const bytes = discarded.bytes.subarray(0, discarded.length);
    const late = this.#unanswered.settle(bytes, (frame) => this.#recent.has(frame, nowMs));
    if (!late) return;
    this.#recent.add(late, nowMs);
    discarded.clear();
  }

  /** How long the line must be quiet until a late answer is no longer to be expected. */
  quarantineMs(nowMs: number): number {
    const { timeoutMs, quarantineMs } = this.#options;
    const leftMs = this.#unanswered.newestOpenMs() + timeoutMs + quarantineMs - nowMs;
    return Math.max(0, Math.min(quarantineMs, leftMs));
  }
}

const isRead = (fc: number): boolean => fc <= 4 || fc === 23;
/** Reads what `request` reads, or where it writes. */
function readAt(request: ModbusRequest): Read {
  const { unit } = request;
  const address = "address" in request ? request.address : 0;
  if (request.fc <= 4) return request as Read;
  if (request.fc === 23) return { fc: 3, unit, address, count: request.count };
  return { fc: request.fc === 5 || request.fc === 15 ? 1 : 3, unit, address, count: 1 };
}

const isWrite = (fc: number): boolean => [5, 6, 15, 16, 22].includes(fc);
