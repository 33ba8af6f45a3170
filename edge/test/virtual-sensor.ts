/** A vibration sensor in memory, on a simulated clock, whose line can be told to misbehave. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ByteChannelEvents, OpenChannel } from "../src/acquisition/byte-channel.ts";
import { crc16 } from "../src/acquisition/modbus/rtu-frame.ts";

export const samplesPerFrame = 100;

export function encodeFrame(seq: number, tUs: number, samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(11 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0xa5, 0x5a]);
  view.setUint16(2, seq, true);
  view.setUint32(4, tUs, true);
  bytes[8] = samples.length / 3;
  samples.forEach((sample, i) => {
    view.setInt16(9 + 2 * i, sample, true);
  });
  view.setUint16(bytes.length - 2, crc16(bytes, 2, bytes.length - 2), true);
  return bytes;
}

export class VirtualSensor {
  /** mm/s at sample `i`, by axis. */
  velocity: (i: number, axis: number) => number = () => 0;
  /** What becomes of a frame on the line; undefined loses it. */
  line: (frame: Uint8Array) => Uint8Array | undefined = (frame) => frame;
  /** False: as an adapter that was pulled out. */
  isPlugged = true;
  openCount = 0;
  readonly #clock: Clock;
  #events: ByteChannelEvents | undefined;
  #cancel: Cancel = () => {};
  #seq = 0;
  #sample = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly open: OpenChannel = (events) => {
    let isOpen = true;
    this.#clock.after(1, () => {
      if (!isOpen) return;
      if (!this.isPlugged) {
        events.onClose("ENOENT");
        return;
      }
      this.openCount++;
      this.#events = events;
      events.onOpen();
      this.#tick();
    });
    return {
      write: () => {},
      close: () => {
        isOpen = false;
        if (this.#events === events) this.#stop();
      },
    };
  };

  unplug(): void {
    const events = this.#events;
    this.isPlugged = false;
    this.#stop();
    events?.onClose("the serial line was lost");
  }

  #stop(): void {
    this.#cancel();
    this.#events = undefined;
  }

  #tick(): void {
    this.#cancel = this.#clock.after(samplesPerFrame, () => {
      const frame = this.line(this.#frame());
      this.#tick();
      if (frame) this.#events?.onBytes(frame);
    });
  }

  #frame(): Uint8Array {
    const from = this.#sample;
    const samples = Int16Array.from({ length: 3 * samplesPerFrame }, (_, k) =>
      Math.round(this.velocity(from + Math.floor(k / 3), k % 3) * 100),
    );
    const frame = encodeFrame(this.#seq, (from * 1_000) % 2 ** 32, samples);
    this.#seq = (this.#seq + 1) & 0xffff;
    this.#sample += samplesPerFrame;
    return frame;
  }
}
