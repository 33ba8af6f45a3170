/**
 * A channel that is opened again whenever it ends: an adapter that was pulled out comes back when it is
 * plugged in, a device server when it has started.
 */

import { strict as assert } from "node:assert";
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ByteChannel, OpenChannel } from "./byte-channel.ts";

/** Waits before the next attempt. A port that was plugged in again is read within the longest of them. */
export const reopenDelaysMs = [50, 100, 250, 500, 1_000] as const;
/** A TCP connection that nobody refuses would be tried for minutes. */
const openWithinMs = 5_000;

export interface KeptChannelOptions {
  open: OpenChannel;
  /** Real time. */
  ioClock: Clock;
  onUp: () => void;
  /** The channel ended, or an attempt to open it failed. */
  onDown: (reason: string) => void;
  onBytes: (bytes: Uint8Array) => void;
}

export class KeptChannel {
  readonly #options: KeptChannelOptions;
  #channel: ByteChannel | undefined;
  #isUp = false;
  #isStopped = true;
  #attempt = 0;
  /** Events of an earlier channel must not reach this one. */
  #generation = 0;
  #cancel: Cancel = () => {};
  openCount = 0;

  constructor(options: KeptChannelOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Holds the line in the break state or lets it go; undefined where the channel cannot. */
  get setBreak(): ((isOn: boolean) => void) | undefined {
    return this.#channel?.setBreak?.bind(this.#channel);
  }

  start(): void {
    assert(this.#isStopped);
    this.#isStopped = false;
    this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    this.#end();
  }

  /** Ends the channel and opens it again. */
  restart(reason: string): void {
    if (!this.#isStopped) this.#lost(reason);
  }

  /** Bytes for a channel that is not up are dropped. */
  write(bytes: Uint8Array): void {
    if (this.#isUp) this.#channel?.write(bytes);
  }

  #open(): void {
    const generation = ++this.#generation;
    const whenCurrent = (task: () => void) => {
      if (generation === this.#generation) task();
    };
    this.#cancel = this.#options.ioClock.after(openWithinMs, () =>
      whenCurrent(() => this.#lost(`did not open within ${openWithinMs} ms`)),
    );
    this.#channel = this.#options.open({
      onOpen: () =>
        whenCurrent(() => {
          this.#cancel();
          this.#isUp = true;
          this.openCount++;
          this.#options.onUp();
        }),
      onBytes: (bytes) =>
        whenCurrent(() => {
          this.#attempt = 0; // only bytes show that the channel is worth keeping
          this.#options.onBytes(bytes);
        }),
      onClose: (reason) => whenCurrent(() => this.#lost(reason)),
    });
  }

  #lost(reason: string): void {
    this.#end();
    const delays = reopenDelaysMs;
    const delayMs = elementAt(delays, Math.min(this.#attempt++, delays.length - 1));
    this.#cancel = this.#options.ioClock.after(delayMs, () => this.#open());
    this.#options.onDown(reason);
  }

  #end(): void {
    this.#generation++;
    this.#cancel();
    this.#channel?.close();
    this.#channel = undefined;
    this.#isUp = false;
  }
}
