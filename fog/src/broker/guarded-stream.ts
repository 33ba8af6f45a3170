/** A connection seen through the packet scanner: what breaks the rules never reaches the broker. */
import { Duplex } from "node:stream";
import type { PacketScanner } from "./packet-scanner.ts";

export class GuardedStream extends Duplex {
  readonly #socket: Duplex;

  constructor(
    socket: Duplex,
    options: { scanner: PacketScanner; onRefused: (why: string) => void },
  ) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      const fault = options.scanner.scan(chunk);
      if (fault) {
        options.onRefused(fault);
        this.destroy();
      } else if (!this.push(chunk)) {
        socket.pause();
      }
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(chunk, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
