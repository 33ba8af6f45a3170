/** A channel that comes back by itself, quickly: a control loop waits for it. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ByteChannel, OpenChannel } from "../byte-channel.ts";

/** Waits before the line is opened again: an adapter that is plugged in is found at once. */
const reopenDelaysMs = [0, 10, 25, 50] as const;

export interface KeptLineOptions {
  open: OpenChannel;
  ioClock: Clock;
  onOpen: () => void;
  onBytes: (chunk: Uint8Array) => void;
  onClose: (reason: string) => void;
  /** An attempt to open begins. */
  onAttempt: () => void;
}

export class KeptLine {
  readonly #options: KeptLineOptions;
  #channel: ByteChannel | undefined;
  /** Bytes of an earlier connection must not reach the next one. */
  #generation = 0;
  #attempt = 0;
  #cancel: Cancel = () => {};

  constructor(options: KeptLineOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): void {
    this.#channel?.write(bytes);
  }

  open(): void {
    this.#cancel();
    const { open, onOpen, onBytes, onClose, onAttempt } = this.#options;
    const generation = ++this.#generation;
    const whenCurrent = (task: () => void) => {
      if (generation === this.#generation) task();
    };
    onAttempt();
    this.#channel = open({
      onOpen: () => whenCurrent(onOpen),
      onBytes: (chunk) => {
        if (generation === this.#generation) onBytes(chunk);
      },
      onClose: (reason) => whenCurrent(() => onClose(reason)),
    });
  }

  /** Nothing more comes from it. */
  close(): void {
    this.#generation++;
    this.#cancel();
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** `isAtOnce`: it was us who closed it. */
  reopen({ isAtOnce }: { isAtOnce: boolean }): void {
    const delays = reopenDelaysMs;
    const delayMs = isAtOnce ? 0 : elementAt(delays, Math.min(this.#attempt++, delays.length - 1));
    this.#cancel();
    this.#cancel = this.#options.ioClock.after(delayMs, () => this.open());
  }

  /** The line has proved worth keeping: the next loss begins with the shortest wait. */
  proved(): void {
    this.#attempt = 0;
  }
}
