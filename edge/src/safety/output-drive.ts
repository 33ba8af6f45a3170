/**
 * Carries one output to its commanded value and makes sure that it got there: write, read back,
 * wait for the feedback; when it does not follow, say so and let the second path act. It never gives
 * up while a trip holds the output.
 */

import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ModbusReply } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";
import type { OutputSettings } from "../configuration/configuration.ts";

/** A write that fails for this long has failed; retries go on. */
export const writeFailedAfterMs = 300;
/** Between two attempts to write, I/O clock. */
export const retryEveryMs = 50;
/** Reads that may still show the old value after an acknowledged write. */
export const readBacksMax = 2;
/** Between two looks at the feedback, plant clock. */
export const feedbackEveryMs = 200;
/** Between two looks at an output that a trip holds: somebody else may write it too. I/O clock. */
export const holdEveryMs = 1_000;
/** Time on the I/O clock for which feedback is looked for at least. */
const lookMsMin = 300;
/** Between two looks at the feedback of an output that has failed, plant clock. */
const failedFeedbackEveryMs = 1_000;

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
  report: (outcome: OutputOutcome, command: Command, detail: string) => void;
  /** The output did not follow: the second path. Once a command. */
  onFailed: (command: Command) => void;
}

export interface Command {
  value: number;
  /** Rule index. */
  rule: number;
  /** Plant monotonic time of the decision. */
  sinceMs: number;
  isSecondPath: boolean;
}

export class OutputDrive {
  readonly #options: OutputDriveOptions;
  #command: Command | undefined;
  /** Replies and timers of earlier commands fall through. */
  #generation = 0;
  /** Rules that hold the output where it is. */
  readonly #holders = new Set<number>();
  #hasFailed = false;
  /** What was told of this command: writing again after a reconnect is no news. */
  #hasWritten = false;
  #isVerified = false;
  #startedMs = 0;
  #cancel: Cancel = () => {};

  constructor(options: OutputDriveOptions) {
    this.#options = options;
  }

  /** Writes now. `isHeld`: write again whenever the connection comes back, until released. */
  drive(command: Command, isHeld: boolean): void {
    if (isHeld) this.#holders.add(command.rule);
    else this.#holders.delete(command.rule);
    this.#command = command;
    this.#hasFailed = false;
    this.#hasWritten = false;
    this.#isVerified = false;
    this.#startedMs = this.#options.ioClock.monotonicMs();
    this.#begin();
  }

  /** `rule` no longer holds the output; when none does it stays as it is. */
  release(rule: number): void {
    this.#holders.delete(rule);
    if (this.#holders.size > 0) return;
    this.#command = undefined;
    this.stop();
  }

  /** The connection came up: the module behind it may have been restarted. */
  reconnected(connection: number): void {
    if (connection === this.#options.output.connection && this.#command && this.#holders.size > 0) {
      this.#begin();
    }
  }

  stop(): void {
    this.#generation++;
    this.#cancel();
  }

  #begin(): void {
    this.stop();
    this.#write(this.#command as Command, this.#generation);
  }

  #write(command: Command, generation: number): void {
    const { output, ioClock, urgent, report } = this.#options;
    const { connection } = output;
    urgent(connection, writeRequest(output, command.value), (reply) => {
      if (generation !== this.#generation) return;
      if (reply.ok) {
        const outcome = command.isSecondPath ? OutputOutcome.SECOND_PATH : OutputOutcome.WRITTEN;
        if (!this.#hasWritten) report(outcome, command, "");
        this.#hasWritten = true;
        if (output.readBack) this.#readBack(command, generation, 1);
        else this.#awaitFeedback(command, generation);
        return;
      }
      const failedMs = ioClock.monotonicMs() - this.#startedMs;
      if (failedMs >= writeFailedAfterMs) this.#fail(command, `not written: ${reply.fault.text}`);
      this.#cancel = ioClock.after(retryEveryMs, () => this.#write(command, generation));
    });
  }

  #readBack(command: Command, generation: number, attempt: number): void {
    const { output, urgent } = this.#options;
    urgent(output.connection, readRequest(output.unit, output.place), (reply) => {
      if (generation !== this.#generation) return;
      const seen = reply.ok ? answeredValue(reply, output.place.table) : undefined;
      if (seen === command.value) return this.#awaitFeedback(command, generation);
      if (attempt < readBacksMax) return this.#readBack(command, generation, attempt + 1);
      const text = reply.ok ? `reads back ${seen}` : `cannot be read back: ${reply.fault.text}`;
      this.#fail(command, text);
      this.#later(() => this.#write(command, generation), failedFeedbackEveryMs);
    });
  }

  #awaitFeedback(command: Command, generation: number): void {
    const { output, clock, ioClock, urgent } = this.#options;
    const { feedback } = output;
    if (!feedback) {
      this.#verified(command, output.readBack ? "read back" : "not checked");
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
        if (seen === wanted) return this.#verified(command, "feedback");
        const isLate = clock.monotonicMs() >= deadlineMs && ioClock.monotonicMs() >= ioDeadlineMs;
        if (isLate) {
          const what = reply.ok ? `feedback shows ${seen}` : `no feedback: ${reply.fault.text}`;
          this.#fail(command, `${what} after ${feedback.withinMs} ms`);
        }
        this.#later(look, isLate ? failedFeedbackEveryMs : feedbackEveryMs);
      });
    };
    look();
  }

  #later(task: () => void, delayMs: number): void {
    this.#cancel = this.#options.clock.after(delayMs, task);
  }

  #verified(command: Command, how: string): void {
    const isNews = !this.#isVerified || this.#hasFailed;
    this.#isVerified = true;
    this.#hasFailed = false;
    if (isNews) this.#options.report(OutputOutcome.VERIFIED, command, how);
    if (this.#holders.size === 0 || !this.#options.output.readBack) return;
    const generation = this.#generation;
    this.#cancel = this.#options.ioClock.after(holdEveryMs, () => this.#hold(command, generation));
  }

  /** Looks again at an output that is held: whoever switches it back is overruled until the reset. */
  #hold(command: Command, generation: number): void {
    const { output, urgent, report } = this.#options;
    urgent(output.connection, readRequest(output.unit, output.place), (reply) => {
      if (generation !== this.#generation) return;
      const seen = reply.ok ? answeredValue(reply, output.place.table) : command.value;
      if (seen === command.value) return this.#awaitFeedback(command, generation);
      report(OutputOutcome.WRITTEN, command, `was set to ${seen} by another master; written again`);
      this.#write(command, generation);
    });
  }

  #fail(command: Command, detail: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.report(OutputOutcome.FAILED, command, detail);
    this.#options.onFailed(command);
  }
}

function writeRequest(output: OutputSettings, value: number): ModbusRequest {
  const { unit } = output;
  const { address } = output.place;
  return output.place.table === "coil"
    ? { fc: 5, unit, address, value: value !== 0 }
    : { fc: 6, unit, address, value };
}

const readCodes = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;

const readRequest = (
  unit: number,
  place: { table: keyof typeof readCodes; address: number },
): ModbusRequest => ({ fc: readCodes[place.table], unit, address: place.address, count: 1 });

function answeredValue(reply: { bytes: Uint8Array; dataAt: number }, table: string): number {
  const { bytes, dataAt } = reply;
  return table === "coil" || table === "discrete"
    ? bytes[dataAt]! & 1
    : (bytes[dataAt]! << 8) | bytes[dataAt + 1]!;
}
