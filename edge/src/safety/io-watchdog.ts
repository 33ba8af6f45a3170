/**
 * Keeps the I/O module's own watchdog fed: many modules hold their last output for ever when the
 * gateway dies. The time-out register is written and read back; without that the connection is not
 * armed, and the agent says so. Runs on real time: it guards against the death of this process.
 */
import { u8 } from "@weir/contracts/elements.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ModbusReply } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";
import type { WatchdogSettings } from "../configuration/configuration.ts";

/** Between two attempts to arm. */
export const armEveryMs = 1_000;

export interface IoWatchdogOptions {
  watchdog: WatchdogSettings;
  ioClock: Clock;
  urgent: (request: ModbusRequest, settle: (reply: ModbusReply) => void) => void;
  onChange: (isArmed: boolean, text: string) => void;
}

export class IoWatchdog {
  readonly #options: IoWatchdogOptions;
  #isArmed = false;
  #hasReported = false;
  #counter = 0;
  #generation = 0;
  #cancel: Cancel = () => {};

  constructor(options: IoWatchdogOptions) {
    this.#options = options;
  }

  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** The connection came up. */
  start(): void {
    this.stop();
    this.#arm(this.#generation);
  }

  /** The connection went down: the module is on its own, as intended. */
  stop(): void {
    this.#generation++;
    this.#cancel();
    this.#isArmed = false;
    this.#hasReported = false;
  }

  #arm(generation: number): void {
    const { watchdog, urgent } = this.#options;
    const { unit, timeoutRegister: address, timeoutMs, resolutionMs } = watchdog;
    if (address === undefined) {
      this.#tryHeartbeat(generation);
      return;
    }
    const wanted = Math.round(timeoutMs / resolutionMs);
    urgent({ fc: 6, unit, address, value: wanted }, (written) => {
      if (generation !== this.#generation) return;
      // Some modules refuse a time-out while it runs: what counts is what stands there.
      const flaw = written.ok ? undefined : `cannot be set: ${written.fault.text}`;
      urgent({ fc: 3, unit, address, count: 1 }, (read) => {
        if (generation !== this.#generation) return;
        if (!read.ok) return this.#refused(generation, `cannot be read back: ${read.fault.text}`);
        const seen = (u8(read.bytes, read.dataAt) << 8) | u8(read.bytes, read.dataAt + 1);
        if (seen === wanted && seen !== 0) this.#armed(generation, "is armed");
        else this.#refused(generation, flaw ?? `${wanted} was written, ${seen} read back`);
      });
    });
  }

  /** A module whose time-out is set at the module: that it takes heartbeats can still be seen. */
  #tryHeartbeat(generation: number): void {
    const { watchdog, urgent } = this.#options;
    const { unit, heartbeat: address } = watchdog;
    const value = this.#nextBeat();
    urgent({ fc: 6, unit, address, value }, (written) => {
      if (generation !== this.#generation) return;
      if (!written.ok) {
        this.#refused(generation, `the heartbeat was refused: ${written.fault.text}`);
        return;
      }
      urgent({ fc: 3, unit, address, count: 1 }, (read) => {
        if (generation !== this.#generation) return;
        // A register that can only be written proves nothing; the write was answered, at least.
        const isWriteOnly = !read.ok && read.fault.kind === "exception";
        if (isWriteOnly) this.#armed(generation, "is fed; its time-out cannot be checked");
        else if (!read.ok) {
          this.#refused(generation, `the heartbeat cannot be read back: ${read.fault.text}`);
        } else {
          const seen = (u8(read.bytes, read.dataAt) << 8) | u8(read.bytes, read.dataAt + 1);
          if (seen === value) this.#armed(generation, "is fed; its time-out is set at the module");
          else this.#refused(generation, `heartbeat ${value} was written, ${seen} read back`);
        }
      });
    });
  }

  #nextBeat(): number {
    this.#counter = (this.#counter + 1) & 0xffff;
    return this.#counter;
  }

  #armed(generation: number, how: string): void {
    const isNews = !this.#isArmed;
    this.#isArmed = true;
    this.#hasReported = false;
    if (isNews) this.#options.onChange(true, `the I/O watchdog ${how}`);
    this.#beat(generation);
  }

  #refused(generation: number, why: string): void {
    const isNews = !this.#hasReported;
    this.#hasReported = true;
    if (isNews) this.#options.onChange(false, `the I/O watchdog is not armed: ${why}`);
    this.#cancel = this.#options.ioClock.after(armEveryMs, () => this.#arm(generation));
  }

  #beat(generation: number): void {
    const { watchdog, urgent, ioClock } = this.#options;
    const request = {
      fc: 6,
      unit: watchdog.unit,
      address: watchdog.heartbeat,
      value: this.#nextBeat(),
    } as const;
    urgent(request, (reply) => {
      if (generation !== this.#generation) return;
      if (!reply.ok) {
        this.#isArmed = false;
        return this.#refused(generation, `the heartbeat was refused: ${reply.fault.text}`);
      }
      this.#cancel = ioClock.after(watchdog.everyMs, () => this.#beat(generation));
    });
  }
}
