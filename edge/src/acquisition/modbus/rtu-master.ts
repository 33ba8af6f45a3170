/**
 * A strict Modbus RTU client. One request is in flight, every one settled by its deadline, and never a
 * value that is not the answer to the request, although nothing in an answer says which request it
 * belongs to:
 *
 * 1. An answer must have exactly the form that the request calls for, up to its checksum, and nothing
 *    may follow it.
 * 2. After a fault everything is discarded until the line was quiet for `quarantineMs`: an answer that
 *    is late falls into that time, and is recognised, so that nothing more is waited for.
 * 3. A later one is told apart: before a unit that owes an answer is believed again it is asked
 *    something whose answer, or refusal, looks like nothing that is owed: function 8 first. Devices
 *    answer in turn: what they owed before comes before it.
 * 4. An answer that has the form of one that is owed, or repeats the last one bit by bit, may be
 *    somebody's second copy: it is taken only when no other follows within the unit's usual time.
 *
 * Not covered: an answer later than `owedForMs` that also has the form of the one awaited.
 */
import { strict as assert } from "node:assert";
import type { Cancel } from "@weir/runtime/clock.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { Deadline } from "./deadline.ts";
import { DiscardedBytes } from "./discarded-bytes.ts";
import type { FrameCheck } from "./frame-check.ts";
import { RecentFrames } from "./recent-frames.ts";
import { exceptionText, type ModbusFault, type ModbusReply } from "./reply.ts";
import type { ModbusRequest } from "./request.ts";
import { RtuExchange } from "./rtu-exchange.ts";
import { byteMs, exchangeBytes, frameGapMs } from "./rtu-timing.ts";
import { Unanswered } from "./unanswered.ts";
import { UnitManners } from "./unit-manners.ts";

export interface RtuMasterOptions extends BusMasterOptions {
  /** For the times of bytes on the line; undefined where it is not known. */
  baud: number | undefined;
  echo: boolean;
  turnaroundMs: number;
  quarantineMs: number;
  resync: boolean;
  /** Quiet time between two requests, besides the silence that the protocol asks for. */
  gapMs: number;
  pauseAfterConnectMs: number;
  /** The line is behind a device server: a fault costs the connection, and what its buffers hold. */
  isNetworked: boolean;
}

/** Waits before the line is opened again: an adapter that is plugged in is found at once. */
const reopenDelaysMs = [0, 10, 25, 50] as const;
/** The line has been quiet this long: adapters hand on what they have in steps of up to 16 ms. */
const noiseQuietMs = 20;
/** Transceivers that are switched off may add a byte or two to the end of a frame. */
const strayMax = 2;
/** After so many requests without a single byte the line is opened anew: adapters get stuck. */
const silentMax = 10;
/** MODBUS over Serial Line V1.02, 2.1: time for all units to do what unit 0 was told. */
const broadcastMs = 100;
/** Deadlines may pass this much too early. */
const earlyMs = 0.5;
/** An introduction is worth this much waiting; the bus has other work. */
const introductionMs = 100;

type Phase =
  /** No connection, or one that is being opened. */
  | "down"
  /** Discarding until the line is quiet. */
  | "settling"
  | "ready"
  /** Function 8 is out, and the request waits for it. */
  | "probing"
  /** Silence between the answer to that and the request. */
  | "turning"
  | "asking"
  /** The answer is here and waits for a second one, which would make both worthless. */
  | "holding"
  /** All units were told something: nobody answers. */
  | "calling";

type Settle = (reply: ModbusReply) => void;
type Whole = Extract<FrameCheck, { at: "answer" | "exception" }>;

export class RtuMaster implements BusMaster {
  readonly #options: RtuMasterOptions;
  readonly #exchange = new RtuExchange();
  readonly #discarded = new DiscardedBytes();
  readonly #unanswered = new Unanswered();
  readonly #manners: UnitManners;
  readonly #deadline: Deadline;
  readonly #quiet: Deadline;
  readonly #gapMs: number;
  readonly #byteMs: number;
  #phase: Phase = "down";
  #isUp = false;
  #isStopped = true;
  #channel: ByteChannel | undefined;
  #attempt = 0;
  /** Bytes of an earlier connection must not reach the next one. */
  #generation = 0;
  #cancelReconnect: Cancel = () => {};
  #request: ModbusRequest | undefined;
  #settle: Settle | undefined;
  #sentMs = 0;
  #held: Whole | undefined;
  #strayCount = 0;
  /** Unit to be asked function 8 once the line is free, to learn whether it knows it. */
  #stranger = -1;
  /** The request was answered by its own image; the question out now tells whether the line echoes. */
  #isConfirming = false;
  #probeRequest: ModbusRequest = { fc: 7, unit: 0 };
  /** Something came back on this connection that was not what we sent. */
  #isEchoFree = false;
  #silentCount = 0;
  readonly #recent = new RecentFrames();
  /** Reused for every answer: it is valid during the call only. */
  readonly #answer = { ok: true as const, bytes: this.#exchange.bytes, dataAt: 0 };

  constructor(options: RtuMasterOptions) {
    this.#options = options;
    const { baud, ioClock } = options;
    this.#gapMs = (baud === undefined ? 0 : frameGapMs(baud)) + options.gapMs + earlyMs;
    this.#byteMs = baud === undefined ? 0 : byteMs(baud);
    this.#manners = new UnitManners(options.turnaroundMs);
    this.#deadline = new Deadline(ioClock, () => this.#onDeadline());
    this.#quiet = new Deadline(ioClock, () => this.#onQuiet());
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isBusy(): boolean {
    return this.#phase !== "ready";
  }

  /** Bytes that belonged to no answer. */
  get discardedBytes(): number {
    return this.#discarded.count;
  }

  start(): void {
    assert(this.#isStopped);
    this.#isStopped = false;
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelReconnect();
    this.#lose("stopped");
    this.#deadline.stop();
    this.#quiet.stop();
  }

  /**
   * Sends `request` within this call, or function 8 first, and calls `settle` exactly once, at the
   * latest when the deadline passes. Only when up and not busy.
   */
  send(request: ModbusRequest, settle: Settle): void {
    assert(this.#isUp && this.#phase === "ready" && !this.#request, "send while down or busy");
    this.#request = request;
    this.#settle = settle;
    this.#deadline.set(this.#options.timeoutMs);
    if (request.unit === 0) this.#call(request);
    else if (this.#mustProbe(request)) this.#probe(request.unit);
    else this.#ask(request);
  }

  /** Writes never wait: their answers tell which write they belong to. */
  #mustProbe({ fc, unit }: ModbusRequest): boolean {
    if (!this.#options.resync || isWrite(fc) || this.#manners.hears(unit) === false) return false;
    return this.#unanswered.isDoubtful(unit, this.#now());
  }

  #probe(unit: number): void {
    this.#phase = "probing";
    const nonce = this.#options.random.integer(0x10000);
    this.#probeRequest =
      this.#isEchoFree && this.#manners.returns(unit)
        ? { fc: 8, unit, data: nonce }
        : this.#unanswered.probe({ unit, nonce, mayRepeat: this.#isEchoFree });
    this.#transmit(this.#probeRequest);
  }

  #ask(request: ModbusRequest): void {
    this.#phase = "asking";
    this.#transmit(request);
  }

  #call(request: ModbusRequest): void {
    assert(request.fc === 5 || request.fc === 6 || request.fc > 14, "nobody answers unit 0");
    this.#phase = "calling";
    this.#transmit(request);
    const { timeoutMs, turnaroundMs } = this.#options;
    const sendingMs = exchangeBytes(request).asked * this.#byteMs;
    this.#quiet.set(Math.min(timeoutMs, sendingMs + Math.max(turnaroundMs, broadcastMs)));
  }

  #transmit(request: ModbusRequest): void {
    this.#sentMs = this.#now();
    const echo = this.#options.echo;
    this.#channel!.write(this.#exchange.begin(request, echo));
  }

  #receive(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#silentCount = 0;
    switch (this.#phase) {
      case "probing":
      case "asking":
        this.#judge(this.#exchange.push(chunk));
        return;
      case "calling":
        if (this.#isEchoOfCall(chunk)) return;
        break;
      case "holding":
        this.#strayCount += chunk.length;
        if (this.#strayCount <= strayMax) return;
        this.#discarded.push(chunk);
        this.#fail({ kind: "framing", text: "two answers to one request" });
        return;
    }
    this.#discarded.push(chunk);
    if (this.#request) this.#fail({ kind: "framing", text: "bytes that nobody asked for" });
    else if (this.#phase === "settling" || this.#phase === "ready") this.#settleDown();
  }

  #isEchoOfCall(chunk: Uint8Array): boolean {
    const check = this.#exchange.push(chunk);
    return this.#options.echo && check.at === "partial";
  }

  #judge(check: FrameCheck): void {
    if (check.at === "partial") return;
    if (check.at === "flaw") {
      this.#fail({ kind: "framing", text: check.text });
      return;
    }
    const stray = this.#exchange.strayCount(check.size);
    if (stray > strayMax) {
      this.#fail({ kind: "framing", text: "bytes after the end of the answer" });
      return;
    }
    const request = this.#request;
    this.#learn(check, request);
    if (this.#phase === "probing") {
      this.#probed(check);
      return;
    }
    const holdMs = this.#holdMs(request!, check);
    if (holdMs === 0 && stray === 0) {
      this.#deliver(check);
      return;
    }
    this.#phase = "holding";
    this.#held = check;
    this.#strayCount = stray;
    this.#quiet.set(Math.max(holdMs, this.#gapMs));
  }

  /** What only this question could be answered with is here: its data or a refusal. */
  #probed(check: Whole): void {
    const { unit, fc } = this.#probeRequest;
    this.#manners.heard(unit, fc === 8 && check.at === "answer");
    this.#unanswered.overtaken(unit);
    if (!this.#exchange.isRequestRepeated(check.size)) this.#isEchoFree = true;
    if (!this.#request || this.#isConfirming) {
      this.#deadline.clear();
      this.#becomeQuiet(this.#gapMs);
      if (this.#request) this.#finish(this.#answerAt(0));
      return;
    }
    this.#phase = "turning";
    this.#quiet.set(this.#gapMs);
  }

  #learn(check: Whole, request: ModbusRequest | undefined): void {
    if (this.#phase !== "asking" || !request) return;
    const { asked } = exchangeBytes(request);
    const wireMs = (asked + check.size) * this.#byteMs;
    const turnaroundMs = Math.max(0, this.#now() - this.#sentMs - wireMs);
    if (!this.#isSuspect(request, check)) this.#manners.answered(request.unit, turnaroundMs);
  }

  #isSuspect(request: ModbusRequest, check: Whole): boolean {
    if (!this.#options.echo && this.#exchange.isRequestRepeated(check.size)) return true;
    return (
      this.#unanswered.looksLike(request, this.#now()) ||
      this.#recent.has(this.#frame(check.size), this.#now())
    );
  }

  /** How long the answer must wait for another one before it is believed. */
  #holdMs(request: ModbusRequest, check: Whole): number {
    if (!this.#isSuspect(request, check)) return 0;
    const { timeoutMs } = this.#options;
    const passedMs = this.#now() - this.#sentMs;
    // Without the question that tells old from new there is only time.
    const isDoubtful = this.#unanswered.isDoubtful(request.unit, this.#now());
    if (isDoubtful && !isWrite(request.fc)) return timeoutMs;
    const { asked, answered } = exchangeBytes(request);
    const usualMs =
      (asked + answered) * this.#byteMs + this.#manners.usualTurnaroundMs(request.unit);
    return Math.max(this.#gapMs, usualMs - passedMs);
  }

  #frame(size: number): Uint8Array {
    const { bytes, answerAt } = this.#exchange;
    return bytes.subarray(answerAt, answerAt + size);
  }

  #deliver(check: Whole): void {
    const { unit } = this.#request!;
    if (!this.#exchange.isRequestRepeated(check.size)) this.#isEchoFree = true;
    else if (!this.#options.echo && !this.#isEchoFree) {
      this.#doubtEcho(unit);
      return;
    }
    this.#recent.add(this.#frame(check.size), this.#now());
    if (this.#options.resync && this.#manners.hears(unit) === undefined) this.#stranger = unit;
    this.#attempt = 0;
    this.#deadline.clear();
    this.#becomeQuiet(this.#gapMs);
    this.#finish(check.at === "exception" ? refusal(check.code) : this.#answerAt(check.dataAt));
  }

  /** A write's answer is the image of the write, and may be the line's own echo. */
  #doubtEcho(unit: number): void {
    if (this.#options.resync && this.#manners.hears(unit) !== false) {
      this.#isConfirming = true;
      this.#phase = "turning";
      this.#quiet.set(this.#gapMs);
      return;
    }
    const text = "the answer equals the request, and may be the line's echo: read something first";
    this.#fail({ kind: "framing", text }, false);
  }

  #answerAt(dataAt: number): ModbusReply {
    this.#answer.dataAt = dataAt;
    return this.#answer;
  }

  /** The request in flight failed, by what came or by what did not. */
  #fail(fault: ModbusFault, isOwed = true): void {
    const request = this.#request;
    const wasAsked = this.#phase === "asking" || this.#phase === "holding";
    if (isOwed && request && request.unit !== 0 && wasAsked) {
      this.#unanswered.add(request, this.#sentMs);
    }
    if (this.#phase === "probing") this.#unanswered.add(this.#probeRequest, this.#sentMs);
    const { bytes, answerAt, length } = this.#exchange;
    if (this.#phase !== "calling" && this.#phase !== "turning" && length > answerAt) {
      this.#discarded.push(bytes.subarray(answerAt, length));
    }
    if (this.#exchange.isEchoSeen || this.#isTwice()) this.#isEchoFree = false;
    if (!request && fault.kind === "timeout") this.#manners.wasSilent(this.#probeRequest.unit);
    this.#deadline.clear();
    this.#settleDown();
    if (this.#options.isNetworked || this.#isStuck(fault)) this.#reopen();
    if (request) this.#finish({ ok: false, fault });
  }

  /** The request came back, and then something else. */
  #isTwice(): boolean {
    return this.#phase === "holding" && this.#exchange.isRequestRepeated(this.#held!.size);
  }

  #isStuck(fault: ModbusFault): boolean {
    if (fault.kind !== "timeout") return false;
    this.#silentCount++;
    return this.#silentCount % silentMax === 0;
  }

  #finish(reply: ModbusReply): void {
    const settle = this.#settle;
    this.#request = undefined;
    this.#settle = undefined;
    this.#isConfirming = false;
    settle?.(reply);
  }

  /** Discards until nothing that is owed can be expected any more. */
  #settleDown(): void {
    const late = this.#unanswered.settle(this.#discarded.bytes, this.#discarded.length);
    if (late) {
      this.#recent.add(late, this.#now());
      this.#discarded.clear();
    }
    this.#becomeQuiet(Math.max(noiseQuietMs, this.#quarantineMs()));
  }

  /** How long the line must be quiet until a late answer is no longer to be expected. */
  #quarantineMs(): number {
    const { timeoutMs, quarantineMs } = this.#options;
    const newestMs = this.#unanswered.newestOpenMs();
    const leftMs = newestMs + timeoutMs + quarantineMs - this.#now();
    return Math.max(0, Math.min(quarantineMs, leftMs));
  }

  #becomeQuiet(quietMs: number): void {
    this.#phase = "settling";
    this.#quiet.set(quietMs);
  }

  #onQuiet(): void {
    switch (this.#phase) {
      case "settling":
        this.#discarded.clear();
        this.#becomeReady();
        return;
      case "turning":
        if (this.#isConfirming) this.#probe(this.#request!.unit);
        else this.#ask(this.#request!);
        return;
      case "holding":
        this.#deliver(this.#held!);
        return;
      case "calling":
        this.#deadline.clear();
        this.#becomeQuiet(this.#gapMs);
        this.#finish(this.#answerAt(0));
        return;
    }
  }

  #becomeReady(): void {
    if (this.#isUp && this.#stranger > 0) {
      const unit = this.#stranger;
      this.#stranger = -1;
      this.#deadline.set(Math.min(this.#options.timeoutMs, introductionMs + 16 * this.#byteMs));
      this.#probe(unit);
      return;
    }
    this.#phase = "ready";
    if (this.#isUp) this.#options.onReady?.();
    else {
      this.#isUp = true;
      this.#options.onUp();
    }
  }

  #onDeadline(): void {
    const { timeoutMs } = this.#options;
    if (this.#phase === "down") {
      this.#lose(`no connection within ${timeoutMs} ms`);
      return;
    }
    if (this.#phase === "holding") {
      this.#deliver(this.#held!);
      return;
    }
    this.#fail({ kind: "timeout", text: `no answer within ${timeoutMs} ms` });
  }

  #connect(): void {
    const generation = ++this.#generation;
    const current = () => generation === this.#generation;
    this.#deadline.set(this.#options.timeoutMs);
    this.#channel = this.#options.open({
      onOpen: () => {
        if (!current()) return;
        this.#deadline.clear();
        const { pauseAfterConnectMs } = this.#options;
        this.#becomeQuiet(Math.max(pauseAfterConnectMs, this.#quarantineMs(), this.#gapMs));
      },
      onBytes: (chunk) => {
        if (current()) this.#receive(chunk);
      },
      onClose: (reason) => {
        if (current()) this.#lose(reason);
      },
    });
  }

  /** The other end keeps nothing for us over a new connection; what it does keep is still told apart. */
  #reopen(): void {
    this.#close();
    this.#connectAfter(0);
  }

  #close(): void {
    this.#generation++;
    this.#quiet.clear();
    this.#deadline.clear();
    this.#channel?.close();
    this.#channel = undefined;
    this.#phase = "down";
  }

  #lose(reason: string): void {
    const request = this.#request;
    if (request && request.unit !== 0 && this.#phase === "asking") {
      this.#unanswered.add(request, this.#sentMs);
    }
    this.#close();
    this.#isUp = false;
    // Another adapter may come back.
    this.#isEchoFree = false;
    this.#finish({ ok: false, fault: { kind: "closed", text: reason } });
    if (this.#isStopped) return;
    this.#options.onDown(reason);
    this.#connectAfter(reopenDelaysMs[Math.min(this.#attempt++, reopenDelaysMs.length - 1)]!);
  }

  #connectAfter(delayMs: number): void {
    this.#cancelReconnect();
    this.#cancelReconnect = this.#options.ioClock.after(delayMs, () => {
      if (!this.#isStopped) this.#connect();
    });
  }

  #now(): number {
    return this.#options.ioClock.monotonicMs();
  }
}

const isWrite = (fc: number): boolean => [5, 6, 15, 16, 22].includes(fc);

const refusal = (code: number): ModbusReply => ({
  ok: false,
  fault: { kind: "exception", code, text: exceptionText(code) },
});
