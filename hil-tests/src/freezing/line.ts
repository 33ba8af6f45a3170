/** A TCP line between two parts that can be cut, or go quiet while both ends believe that it stands. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Line {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [near: Socket, far: Socket]>();
  #state: "whole" | "cut" | "quiet" = "whole";

  private constructor(targetPort: number) {
    this.#server = createServer((near) => this.#join(near, targetPort));
  }

  /** To whoever listens on `targetPort` of this machine, each time that somebody dials. */
  static async to(targetPort: number): Promise<Line> {
    const line = new Line(targetPort);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Everything on it ends, and nobody gets through. */
  cut(): void {
    this.#state = "cut";
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Connections stay, and open; no byte passes, and none is lost. */
  quiet(): void {
    this.#state = "quiet";
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  mend(): void {
    this.#state = "whole";
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket, targetPort: number): void {
    if (this.#state === "cut") {
      near.on("error", () => near.destroy()).destroy();
      return;
    }
    const far = connect(targetPort, "127.0.0.1");
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    const ways: [from: Socket, to: Socket][] = [
      [near, far],
      [far, near],
    ];
    for (const [from, to] of ways) {
      from.on("error", end).on("close", end);
      from.on("data", (bytes) => to.write(bytes));
    }
    if (this.#state === "quiet") for (const socket of pair) socket.pause();
  }
}
