/**
 * A Modbus TCP connection to one gateway of the simulated works, without a socket: the real frames of
 * the edge's master in, the real answers of the works' controllers out.
 */
import type { ByteChannelEvents, OpenChannel } from "@weir/edge/acquisition/byte-channel.ts";
import type { GatewayDevice } from "@weir/firmware-sim/devices/gateway-device.ts";
import { answerPdu } from "@weir/firmware-sim/devices/modbus-pdu.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";

/** Bytes of transaction, protocol and length; the unit follows. */
const headerSize = 6;
const connectMs = 0.2;

export interface GatewayLineOptions {
  device: GatewayDevice;
  ioClock: Clock;
  /** From a request to its answer, I/O milliseconds. */
  latencyMs: number;
  /** Brings the plant to the present before a request is answered. */
  catchUp: () => void;
}

/** The cable between an edge and one gateway. */
export class GatewayLine {
  readonly #options: GatewayLineOptions;
  readonly #drops = new Set<(reason: string) => void>();
  #isCut = false;

  constructor(options: GatewayLineOptions) {
    this.#options = options;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    this.#isCut = true;
    for (const drop of [...this.#drops]) drop("ETIMEDOUT");
  }

  heal(): void {
    this.#isCut = false;
  }

  readonly open: OpenChannel = (events) => {
    const { ioClock, latencyMs } = this.#options;
    const waiting = new Set<Cancel>();
    let isOpen = true;
    const end = () => {
      isOpen = false;
      this.#drops.delete(drop);
      for (const cancel of waiting) cancel();
    };
    const drop = (reason: string) => {
      end();
      events.onClose(reason);
    };
    this.#drops.add(drop);
    const later = (delayMs: number, task: () => void) => {
      const cancel = ioClock.after(delayMs, () => {
        waiting.delete(cancel);
        task();
      });
      waiting.add(cancel);
    };
    later(connectMs, () => (this.#isCut ? drop("ECONNREFUSED") : events.onOpen()));
    return {
      write: (bytes) => {
        if (!isOpen) return;
        const request = Uint8Array.from(bytes);
        later(latencyMs, () => this.#answer(request, events));
      },
      close: end,
    };
  };

  #answer(request: Uint8Array, events: ByteChannelEvents): void {
    const { device, catchUp } = this.#options;
    catchUp();
    const pdu = answerPdu(device, request.subarray(headerSize + 1));
    if (pdu) events.onBytes(frame(request, pdu));
  }
}

/** Transaction, protocol and unit as in the request. */
function frame(request: Uint8Array, pdu: Uint8Array): Uint8Array {
  const answer = new Uint8Array(headerSize + 1 + pdu.length);
  answer.set(request.subarray(0, headerSize + 1));
  new DataView(answer.buffer).setUint16(4, 1 + pdu.length);
  answer.set(pdu, headerSize + 1);
  return answer;
}
