/**
 * Carries one output to its commanded value and makes sure that it got there: write, read back,
 * wait for the feedback; when it does not follow, say so and let the second path act. It never gives
 * up while a trip holds the output.
 */

import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { byFeedback, byReadBack, unchecked } from "@weir/contracts/output-confirmation.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ModbusFault, ModbusReply } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";
import type { OutputSettings } from "../configuration/configuration.ts";
import type { Command, DriveNews, DriveStatus } from "./output-command.ts";
import {
  answeredValue,
  feedbackRemedy,
  illegalFunction,
  manyCode,
  oneCode,
  readBackRemedy,
  readRequest,
  writeRemedy,
  writeRequest,
} from "./output-request.ts";
import {
  blindLooksMax,
  failedAfterMs,
  failedRetryEveryMs,
  failedRewriteEveryMs,
  feedbackEveryMs,
  holdEveryMs,
  lookMsMin,
  readBacksMax,
  retryEveryMs,
  rewriteEveryMs,
  stepEveryMs,
} from "./output-times.ts";

/** Who holds an output: the rules, or another output whose second path it is, by index. */
export const byRules = -1;

export interface OutputDriveOptions {
  output: OutputSettings;
  /** Plant time: how long machines take. */
  clock: Clock;
  /** Real time: how long writes take. */
  ioClock: Clock;
  /** Puts a request on the wire of a connection before any poll. */
  urgent: (
    connection: number,
    request: ModbusRequest,
    settle: (reply: ModbusReply) => void,
  ) => void;
  report: (news: DriveNews) => void;
  /** The output did not follow: the second path. Once a command. */
  onFailed: (command: Command) => void;
}

export class OutputDrive {
  readonly #options: OutputDriveOptions;
  #command: Command | undefined;
  /** Replies and timers of earlier commands fall through. */
  #generation = 0;
  /** Who keeps the output where it is: `byRules`, or an output. */
  readonly #holders = new Set<number>();
  #hasFailed = false;
  /** What was told of this command: writing again after a reconnect is no news. */
  #hasWritten = false;
  #isVerified = false;
  /** Plant monotonic time: a confirmation of this order is lost since; undefined: none is. */
  #lostMs: number | undefined;
  /** In a row. */
  #blindLooks = 0;
  /** Not yet written and read back. */
  #awaited: Command | undefined;
  /** Why the newest attempt to write failed; empty when it did not. */
  #lastFault = "";
  /** With the functions that write several values: some devices know only these. */
  #writesMany = false;
  /** Since the newest order. */
  #hasTriedBoth = false;
  /** What is told in the status. */
  #outcome: OutputOutcome = OutputOutcome.UNSPECIFIED;
  #detail = "";
  #remedy = "";
  #sinceMs = 0;
  readonly #startedMs: number;
  #writtenAtMs = 0;
  #attempts = 0;
  #cancel: Cancel = () => {};
  #cancelDeadline: Cancel = () => {};

  constructor(options: OutputDriveOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
  }

  /** Writes now, and again whenever it is needed until `holder` lets go. */
  hold(command: Command, holder: number): void {
    this.#holders.add(holder);
    this.set(command);
  }

  /** Writes now. */
  set(command: Command): void {
    this.#command = command;
    this.#hasFailed = false;
    this.#hasWritten = false;
    this.#isVerified = false;
    this.#lostMs = undefined;
    this.#blindLooks = 0;
    this.#attempts = 0;
    this.#hasTriedBoth = false;
    this.#note(OutputOutcome.UNSPECIFIED, "", "");
    this.#begin();
  }

  /** What became of the newest order. */
  status(): DriveStatus {
    return {
      command: this.#command,
      isHeld: this.#holders.size > 0,
      outcome: this.#outcome,
      detail: this.#detail,
      remedy: this.#remedy,
      sinceMs: this.#sinceMs || this.#startedMs,
      isWritten: this.#hasWritten,
      writtenAtMs: this.#writtenAtMs,
      attempts: this.#attempts,
    };
  }

  #note(outcome: OutputOutcome, detail: string, remedy: string): void {
    // An output that has failed is well again when it is verified, not when it is written once more.
    const isStillFailed = this.#hasFailed && outcome !== OutputOutcome.VERIFIED;
    const shown = isStillFailed ? OutputOutcome.FAILED : outcome;
    if (shown !== this.#outcome || this.#sinceMs === 0) this.#sinceMs = this.#options.clock.nowMs();
    this.#outcome = shown;
    this.#detail = detail;
    this.#remedy = remedy;
  }

  /** `holder` lets go; when nobody holds it the output stays as it is. */
  release(holder: number): void {
    this.#holders.delete(holder);
    if (this.#holders.size > 0) return;
    this.#command = undefined;
    if (this.#sinceMs > 0 && this.#outcome === OutputOutcome.UNSPECIFIED) {
      this.#note(OutputOutcome.UNSPECIFIED, "let go before it was known to be written", "");
    }
    this.stop();
  }

  /** The connection came up: the module behind it may have been restarted. */
  reconnected(connection: number): void {
    if (connection === this.#options.output.connection && this.#command && this.#holders.size > 0) {
      this.#begin();
    }
  }

  stop(): void {
    this.#awaited = undefined;
    this.#generation++;
    this.#cancel();
    this.#cancelDeadline();
  }

  #begin(): void {
    const generation = ++this.#generation;
    const command = this.#command as Command;
    const cancelOld = this.#cancel;
    this.#cancel = () => {};
    this.#lastFault = "";
    // A line that comes and goes does not give the output more time.
    const isAwaited = this.#awaited === command;
    this.#awaited = command;
    if (command.overMs > 0) this.#ramp(command, generation);
    else this.#write(command, generation);
    // Nothing may come before the write.
    cancelOld();
    if (isAwaited) return;
    this.#cancelDeadline();
    const clock = command.overMs > 0 ? this.#options.clock : this.#options.ioClock;
    const withinMs = command.overMs + failedAfterMs;
    this.#cancelDeadline = clock.after(withinMs, () => this.#deadline(command));
  }

  #deadline(command: Command): void {
    if (this.#awaited !== command) return;
    const what = this.#hasWritten ? "cannot be read back" : "the write is not answered";
    const fault = this.#lastFault;
    const withinMs = command.overMs + failedAfterMs;
    const why = fault === "" ? `${what}: nothing for ${withinMs} ms` : `not written: ${fault}`;
    this.#fail(command, why, this.#remedy);
  }

  #write(command: Command, generation: number): void {
    const { output, ioClock, urgent } = this.#options;
    urgent(output.connection, this.#request(command.value), (reply) => {
      if (generation !== this.#generation) return;
      if (!reply.ok) {
        const isNextWay = this.#refused(reply.fault);
        const waitMs = this.#hasFailed ? failedRewriteEveryMs : retryEveryMs;
        this.#retry(() => this.#write(command, generation), isNextWay ? 0 : waitMs, ioClock);
        return;
      }
      const way = this.#writesMany ? `with function ${manyCode(output)}` : "";
      const isChecked = output.readBack || output.feedback !== undefined;
      this.#written(command, isChecked ? way : unchecked);
      if (output.readBack) this.#readBack(command, generation, 1);
      else this.#awaitFeedback(command, generation);
    });
  }

  /** Towards the value in steps, from where the output is. */
  #ramp(command: Command, generation: number): void {
    const { output, clock, urgent } = this.#options;
    urgent(output.connection, readRequest(output.unit, output.place), (read) => {
      if (generation !== this.#generation) return;
      const from = read.ok ? answeredValue(read, output.place.table) : command.value;
      const beganMs = clock.monotonicMs();
      const step = () => {
        const share = (clock.monotonicMs() - beganMs) / command.overMs;
        if (!(share < 1) || from === command.value) return this.#write(command, generation);
        const value = Math.round(from + (command.value - from) * share);
        urgent(output.connection, this.#request(value), (reply) => {
          if (generation !== this.#generation) return;
          if (reply.ok) this.#written(command, `from ${from} over ${command.overMs} ms`);
          else this.#refused(reply.fault);
          this.#retry(step, stepEveryMs, clock);
        });
      };
      step();
    });
  }

  #request = (value: number): ModbusRequest =>
    writeRequest(this.#options.output, { value, isMany: this.#writesMany });

  /** A write came to nothing. True: there is another function to try, at once. */
  #refused(fault: ModbusFault): boolean {
    this.#attempts++;
    const { output } = this.#options;
    const isUnknown = fault.kind === "exception" && fault.code === illegalFunction;
    const isSecond = isUnknown && this.#hasTriedBoth;
    const codes = isSecond ? `functions ${oneCode(output)} and ${manyCode(output)}` : "";
    this.#lastFault = isSecond ? `${fault.text} (${codes})` : fault.text;
    this.#remedy = writeRemedy(fault);
    if (this.#hasFailed && !this.#hasWritten) this.#detail = `not written: ${this.#lastFault}`;
    if (!isUnknown) return false;
    // Whichever it took before, it may take the other one now.
    this.#writesMany = !this.#writesMany;
    this.#hasTriedBoth = true;
    return !isSecond;
  }

  #written(command: Command, detail: string): void {
    this.#lastFault = "";
    this.#writtenAtMs = this.#options.clock.nowMs();
    if (this.#hasWritten) return;
    this.#hasWritten = true;
    const { SECOND_PATH, WRITTEN } = OutputOutcome;
    const outcome = command.isSecondPath ? SECOND_PATH : WRITTEN;
    if (!this.#hasFailed) this.#note(outcome, detail, "");
    this.#report(outcome, command, detail);
  }

  #readBack(command: Command, generation: number, attempt: number): void {
    const { output, urgent, clock } = this.#options;
    urgent(output.connection, readRequest(output.unit, output.place), (reply) => {
      if (generation !== this.#generation) return;
      const seen = reply.ok ? answeredValue(reply, output.place.table) : undefined;
      if (seen === command.value) return this.#awaitFeedback(command, generation);
      if (attempt < readBacksMax) return this.#readBack(command, generation, attempt + 1);
      const text = reply.ok ? `reads back ${seen}` : `cannot be read back: ${reply.fault.text}`;
      this.#attempts++;
      this.#fail(command, text, readBackRemedy);
      this.#retry(() => this.#write(command, generation), failedRetryEveryMs, clock);
    });
  }

  #awaitFeedback(command: Command, generation: number): void {
    const { output, clock, ioClock, urgent } = this.#options;
    const { feedback } = output;
    this.#awaited = undefined;
    if (!feedback) {
      if (output.readBack) this.#verified(command, byReadBack);
      else this.#unchecked(command);
      return;
    }
    const deadlineMs = clock.monotonicMs() + feedback.withinMs;
    // Under a plant clock that runs fast the machine's time may be over before the bus could tell.
    const ioDeadlineMs = ioClock.monotonicMs() + lookMsMin;
    const look = () => {
      urgent(feedback.connection, readRequest(feedback.unit, feedback.place), (reply) => {
        if (generation !== this.#generation) return;
        const wanted = feedback.inverted ? Number(command.value === 0) : command.value;
        const seen = reply.ok ? answeredValue(reply, feedback.place.table) : undefined;
        if (seen === wanted) return this.#verified(command, byFeedback);
        const isLate = clock.monotonicMs() >= deadlineMs && ioClock.monotonicMs() >= ioDeadlineMs;
        if (!isLate) return this.#retry(look, feedbackEveryMs, clock);
        const what = reply.ok ? `feedback shows ${seen}` : `no feedback: ${reply.fault.text}`;
        this.#attempts++;
        this.#fail(command, `${what} after ${feedback.withinMs} ms`, feedbackRemedy);
        this.#retry(() => this.#write(command, generation), failedRetryEveryMs, clock);
      });
    };
    look();
  }

  #retry(task: () => void, delayMs: number, clock: Clock): void {
    this.#cancel = clock.after(delayMs, task);
  }

  #verified(command: Command, how: string): void {
    const isNews = !this.#isVerified || this.#hasFailed;
    this.#isVerified = true;
    this.#hasFailed = false;
    this.#note(OutputOutcome.VERIFIED, how, "");
    if (isNews) this.#report(OutputOutcome.VERIFIED, command, how);
    this.#lostMs = undefined;
    if (this.#holders.size === 0) return;
    this.#holdOn(command);
  }

  /** Written, and nothing can be asked whether it followed: that is no confirmation. */
  #unchecked(command: Command): void {
    const isNews = this.#hasFailed;
    this.#hasFailed = false;
    const { SECOND_PATH, WRITTEN } = OutputOutcome;
    const outcome = command.isSecondPath ? SECOND_PATH : WRITTEN;
    this.#note(outcome, unchecked, "");
    if (isNews) this.#report(outcome, command, unchecked);
    if (this.#holders.size > 0) this.#holdOn(command);
  }

  /** Somebody else may write it too: it is looked at, or written again where it cannot be. */
  #holdOn(command: Command): void {
    const { ioClock, output } = this.#options;
    const generation = this.#generation;
    if (output.readBack) this.#retry(() => this.#look(command, generation), holdEveryMs, ioClock);
    else this.#retry(() => this.#write(command, generation), rewriteEveryMs, ioClock);
  }

  /** Looks again at an output that is held: whoever switches it back is overruled until the reset. */
  #look(command: Command, generation: number): void {
    const { output, urgent } = this.#options;
    urgent(output.connection, readRequest(output.unit, output.place), (reply) => {
      if (generation !== this.#generation) return;
      if (!reply.ok) return this.#lookedBlind(command, generation, reply.fault);
      this.#blindLooks = 0;
      const seen = answeredValue(reply, output.place.table);
      if (seen === command.value) return this.#awaitFeedback(command, generation);
      this.#lost(command, `was set to ${seen} by another master; written again`);
      this.#write(command, generation);
    });
  }

  /** Nothing was seen: the feedback may know, and without one the confirmation grows old. */
  #lookedBlind(command: Command, generation: number, fault: ModbusFault): void {
    const { output, ioClock } = this.#options;
    if (output.feedback) {
      this.#awaitFeedback(command, generation);
      return;
    }
    if (++this.#blindLooks === blindLooksMax) {
      this.#lost(command, `was confirmed, cannot be read back any more: ${fault.text}`);
    }
    this.#retry(() => this.#look(command, generation), holdEveryMs, ioClock);
  }

  /** What was confirmed is so no more; told once, until it is confirmed again. */
  #lost(command: Command, detail: string): void {
    this.#isVerified = false;
    this.#lostMs ??= this.#options.clock.monotonicMs();
    this.#note(OutputOutcome.WRITTEN, detail, "");
    this.#report(OutputOutcome.WRITTEN, command, detail);
  }

  #report(outcome: OutputOutcome, command: Command, detail: string): void {
    const again = outcome === OutputOutcome.VERIFIED && this.#lostMs !== undefined;
    const sinceMs = again ? (this.#lostMs ?? 0) : command.sinceMs;
    const afterMs = this.#options.clock.monotonicMs() - sinceMs;
    this.#options.report({ outcome, command, detail, again, afterMs });
  }

  #fail(command: Command, detail: string, remedy: string): void {
    const isNews = !this.#hasFailed;
    this.#hasFailed = true;
    if (this.#isVerified) this.#lostMs ??= this.#options.clock.monotonicMs();
    this.#note(OutputOutcome.FAILED, detail, remedy);
    if (!isNews) return;
    this.#report(OutputOutcome.FAILED, command, detail);
    // What does not start again after a reset stands still, and needs no second way to be stopped.
    if (this.#holders.size > 0) this.#options.onFailed(command);
  }
}
