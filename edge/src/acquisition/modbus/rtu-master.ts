/**
 * A strict Modbus RTU client. One request is in flight, every one settled by its deadline, and never by
 * a value that is not its answer, although nothing in an answer says which request it belongs to:
 *
 * 1. An answer must have exactly the form that the request calls for, up to its checksum, and nothing
 *    may follow it.
 * 2. After a fault everything is discarded until the line was quiet for `quarantineMs`: an answer that
 *    is late falls into that time, and is recognised, so that nothing more is waited for.
 * 3. A later one is told apart: before a unit that owes an answer is believed again it is asked
 *    something whose answer looks like nothing that is owed: function 8 where it knows that, else a
 *    read of another length. Devices answer in turn: what they owed before comes before it.
 * 4. An answer that has the form of one that is owed, or repeats the last one bit by bit, may be
 *    somebody's second copy: it is taken only when no other follows within the unit's usual time.
 *
 * Not covered: an answer later than `owedForMs` that also has the form of the one awaited.
 */

import { strict as assert } from "node:assert";
import { present } from "@weir/contracts/present.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import { AnswerTrust } from "./answer-trust.ts";
import { Deadline } from "./deadline.ts";
import { DiscardedBytes } from "./discarded-bytes.ts";
import type { FrameCheck } from "./frame-check.ts";
import { KeptLine } from "./kept-line.ts";
import { type ModbusFault, type ModbusReply, refusal } from "./reply.ts";
import type { ModbusRequest } from "./request.ts";
import { RtuExchange } from "./rtu-exchange.ts";
import { byteMs, exchangeBytes, frameGapMs } from "./rtu-timing.ts";

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

/** The line has been quiet this long: adapters hand on what they have in steps of up to 16 ms. */
const noiseQuietMs = 20;
/** Transceivers that are switched off may add a byte or two to the end of a frame. */
const strayMax = 2;
/** A line that is not quiet for so long is as good as none, and is said to be lost. */
const babbleMsMax = 2_000;
/** After so many requests without a single byte the line is opened anew: adapters get stuck. */
const silentMax = 10;
/** MODBUS over Serial Line V1.02, 2.1: time for all units to do what unit 0 was told. */
const broadcastMs = 100;
/** Deadlines may pass this much too early. */
const earlyMs = 0.5;
/** An introduction is worth this much waiting. */
const introductionMs = 100;

type Phase =
  /** No connection, or one that is being opened. */
  | "down"
  /** Discarding until the line is quiet. */
  | "settling"
  | "ready"
  /** A question that only its own answer fits is out, and the request waits. */
  | "probing"
  /** Silence between two frames of ours. */
  | "turning"
  | "asking"
  /** The answer is here and waits for a second one, which would make both worthless. */
  | "holding"
  /** All units were told something. */
  | "calling";

type Settle = (reply: ModbusReply) => void;
type Whole = Extract<FrameCheck, { at: "answer" | "exception" }>;

export class RtuMaster implements BusMaster {
  readonly #options: RtuMasterOptions;
  readonly #exchange = new RtuExchange();
  readonly #discarded = new DiscardedBytes();
  readonly #trust: AnswerTrust;
  readonly #line: KeptLine;
  readonly #deadline: Deadline;
  readonly #quiet: Deadline;
  readonly #gapMs: number;
  readonly #byteMs: number;
  #phase: Phase = "down";
  #isUp = false;
  #isStopped = true;
  #request: ModbusRequest | undefined;
  #settle: Settle | undefined;
  #sentMs = 0;
  #held: Whole | undefined;
  #strayCount = 0;
  #probeRequest: ModbusRequest = { fc: 17, unit: 0 };
  /** What a unit is to be asked once the line is free, to learn whether it answers that. */
  #introduction: ModbusRequest | undefined;
  /** The request was answered by its own image; the probe that is out tells whether the line echoes. */
  #isConfirming = false;
  #silentCount = 0;
  /** Since when the line has not been quiet; infinite when it is. */
  #noisyFromMs = Number.POSITIVE_INFINITY;
  /** Reused for every answer: it is valid during the call only. */
  readonly #answer = { ok: true as const, bytes: this.#exchange.bytes, dataAt: 0 };

  constructor(options: RtuMasterOptions) {
    this.#options = options;
    const { baud, ioClock } = options;
    this.#gapMs = (baud === undefined ? 0 : frameGapMs(baud)) + options.gapMs + earlyMs;
    this.#byteMs = baud === undefined ? 0 : byteMs(baud);
    const line = { byteMs: this.#byteMs, gapMs: this.#gapMs };
    this.#trust = new AnswerTrust({ ...options, ...line }, this.#exchange);
    this.#deadline = new Deadline(ioClock, () => this.#onDeadline());
    this.#quiet = new Deadline(ioClock, () => this.#onQuiet());
    this.#line = new KeptLine({
      open: options.open,
      ioClock,
      onAttempt: () => this.#deadline.set(options.timeoutMs),
      onOpen: () => this.#opened(),
      onBytes: (chunk) => this.#receive(chunk),
      onClose: (reason) => this.#lose(reason),
    });
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isBusy(): boolean {
    return this.#phase !== "ready";
  }

  get discardedBytes(): number {
    return this.#discarded.count;
  }

  start(): void {
    assert(this.#isStopped);
    this.#isStopped = false;
    this.#line.open();
  }

  stop(): void {
    this.#isStopped = true;
    this.#lose("stopped");
    this.#deadline.stop();
    this.#quiet.stop();
  }

  /**
   * Sends `request` within this call, or a probe first, and calls `settle` exactly once, at the latest
   * when the deadline passes. Only when up and not busy.
   */
  send(request: ModbusRequest, settle: Settle): void {
    assert(this.#isUp && this.#phase === "ready" && !this.#request, "send while down or busy");
    this.#request = request;
    this.#settle = settle;
    this.#deadline.set(this.#options.timeoutMs);
    if (request.unit === 0) this.#call(request);
    else if (this.#trust.mustProbe(request, this.#now())) this.#probe(this.#trust.probe(request));
    else this.#transmit(request, "asking");
  }

  #probe(request: ModbusRequest): void {
    this.#probeRequest = request;
    this.#transmit(request, "probing");
  }

  #call(request: ModbusRequest): void {
    assert(request.fc === 5 || request.fc === 6 || request.fc > 14, "nobody answers unit 0");
    this.#transmit(request, "calling");
    const { timeoutMs, turnaroundMs } = this.#options;
    const sendingMs = exchangeBytes(request).asked * this.#byteMs;
    this.#quiet.set(Math.min(timeoutMs, sendingMs + Math.max(turnaroundMs, broadcastMs)));
  }

  #transmit(request: ModbusRequest, phase: Phase): void {
    this.#phase = phase;
    this.#sentMs = this.#now();
    this.#line.write(this.#exchange.begin(request, this.#options.echo));
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
        if (this.#options.echo && this.#exchange.push(chunk).at === "partial") return;
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
    else if (this.#now() - this.#noisyFromMs > babbleMsMax)
      this.#lose("somebody talks without end");
    else this.#settleDown();
  }

  #judge(check: FrameCheck): void {
    if (check.at === "partial") return;
    if (check.at === "flaw") {
      this.#fail({ kind: "framing", text: check.text });
      return;
    }
    const { size } = check;
    const stray = this.#exchange.strayCount(size);
    if (stray > strayMax) {
      this.#fail({ kind: "framing", text: "bytes after the end of the answer" });
    } else if (this.#phase === "probing") {
      this.#probed(check);
    } else {
      const times = { sentMs: this.#sentMs, nowMs: this.#now() };
      const holdMs = this.#trust.holdMs({ request: present(this.#request), size, ...times });
      this.#held = check;
      this.#strayCount = stray;
      if (holdMs === 0 && stray === 0) this.#deliver(check);
      else this.#waitIn("holding", Math.max(holdMs, this.#gapMs));
    }
  }

  /** What only this question could be answered with is here: its data or a refusal. */
  #probed({ at, size }: Whole): void {
    const answer = { isRefusal: at === "exception", size, nowMs: this.#now() };
    this.#trust.probed(this.#probeRequest, answer);
    if (this.#request && !this.#isConfirming) {
      this.#waitIn("turning", this.#gapMs);
      return;
    }
    this.#deadline.clear();
    this.#waitIn("settling", this.#gapMs);
    if (this.#request) this.#finish(this.#answerAt(0));
  }

  #deliver(check: Whole): void {
    const { unit } = present(this.#request);
    if (this.#trust.isMaybeEcho(check.size, this.#now())) {
      this.#doubtEcho();
      return;
    }
    this.#introduction = this.#trust.introduction(unit);
    this.#line.proved();
    this.#deadline.clear();
    this.#waitIn("settling", this.#gapMs);
    this.#finish(check.at === "exception" ? refusal(check.code) : this.#answerAt(check.dataAt));
  }

  /** A write's answer is the image of the write, and may be the line's own echo. */
  #doubtEcho(): void {
    if (this.#options.resync) {
      this.#isConfirming = true;
      this.#waitIn("turning", this.#gapMs);
      return;
    }
    const text = "the answer equals the request, and may be the line's echo: read something first";
    this.#fail({ kind: "framing", text }, { isOwed: false });
  }

  #answerAt(dataAt: number): ModbusReply {
    this.#answer.dataAt = dataAt;
    return this.#answer;
  }

  /** The request in flight failed, by what came or by what did not. */
  #fail(fault: ModbusFault, { isOwed } = { isOwed: true }): void {
    const request = this.#request;
    const isHeld = this.#phase === "holding";
    const wasAsked = this.#phase === "asking" || isHeld;
    if (isOwed && request && wasAsked) this.#trust.owed(request, this.#sentMs);
    if (this.#phase === "probing") this.#trust.owed(this.#probeRequest, this.#sentMs);
    const { bytes, answerAt, length, isEchoSeen } = this.#exchange;
    if ((wasAsked || this.#phase === "probing") && length > answerAt) {
      this.#discarded.push(bytes.subarray(answerAt, length));
    }
    // The request came back, and then something else.
    const isTwice = isHeld && this.#exchange.isRequestRepeated(present(this.#held).size);
    if (isEchoSeen || isTwice) this.#trust.isEchoFree = false;
    if (!request && fault.kind === "timeout")
      this.#trust.introductionFailed(this.#probeRequest.unit);
    this.#deadline.clear();
    this.#settleDown();
    if (this.#options.isNetworked || this.#isStuck(fault)) {
      this.#close();
      this.#line.reopen({ isAtOnce: true });
    }
    if (request) this.#finish({ ok: false, fault });
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
    if (this.#noisyFromMs === Number.POSITIVE_INFINITY) this.#noisyFromMs = this.#now();
    this.#trust.recognise(this.#discarded, this.#now());
    this.#waitIn("settling", Math.max(noiseQuietMs, this.#trust.quarantineMs(this.#now())));
  }

  #waitIn(phase: Phase, quietMs: number): void {
    this.#phase = phase;
    this.#quiet.set(quietMs);
  }

  #onQuiet(): void {
    switch (this.#phase) {
      case "settling":
        this.#noisyFromMs = Number.POSITIVE_INFINITY;
        this.#discarded.clear();
        this.#becomeReady();
        return;
      case "turning":
        if (this.#isConfirming) this.#probe(this.#trust.probe(present(this.#request)));
        else this.#transmit(present(this.#request), "asking");
        return;
      case "calling":
        this.#deadline.clear();
        this.#waitIn("settling", this.#gapMs);
        this.#finish(this.#answerAt(0));
        return;
      case "holding":
        this.#deliver(present(this.#held));
    }
  }

  #becomeReady(): void {
    const introduction = this.#isUp ? this.#introduction : undefined;
    this.#introduction = undefined;
    if (introduction) {
      this.#deadline.set(Math.min(this.#options.timeoutMs, introductionMs + 16 * this.#byteMs));
      this.#probe(introduction);
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
    if (this.#phase === "down") this.#lose(`no connection within ${timeoutMs} ms`);
    else if (this.#phase === "holding") this.#deliver(present(this.#held));
    else this.#fail({ kind: "timeout", text: `no answer within ${timeoutMs} ms` });
  }

  #opened(): void {
    this.#deadline.clear();
    const quarantineMs = this.#trust.quarantineMs(this.#now());
    const { pauseAfterConnectMs } = this.#options;
    this.#waitIn("settling", Math.max(pauseAfterConnectMs, quarantineMs, this.#gapMs));
  }

  #close(): void {
    this.#line.close();
    this.#quiet.clear();
    this.#deadline.clear();
    this.#phase = "down";
    this.#noisyFromMs = Number.POSITIVE_INFINITY;
  }

  #lose(reason: string): void {
    if (this.#request && this.#phase === "asking") this.#trust.owed(this.#request, this.#sentMs);
    this.#close();
    this.#isUp = false;
    // Another adapter may come back.
    this.#trust.isEchoFree = false;
    this.#finish({ ok: false, fault: { kind: "closed", text: reason } });
    if (this.#isStopped) return;
    this.#options.onDown(reason);
    this.#line.reopen({ isAtOnce: false });
  }

  #now(): number {
    return this.#options.ioClock.monotonicMs();
  }
}
