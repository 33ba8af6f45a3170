/** A serial device behind a device server: its bytes over TCP, one client at a time or several. */
import { createServer, type Server, type Socket } from "node:net";
import { SimFault } from "../faults.ts";
import type { OpenBytePort } from "./byte-port.ts";

export interface TcpBytePortOptions {
  /** For messages: "rtu". */
  line: string;
  host: string;
  /** 0 = any free one. */
  port: number;
}

/** A client that does not read is dropped rather than fed from memory. */
const unsentBytesMax = 256 * 1024;

export const tcpBytePort =
  (options: TcpBytePortOptions): OpenBytePort =>
  async (receive) => {
    const sockets = new Set<Socket>();
    let isIn = true;
    const server = createServer((socket) => {
      if (!isIn) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("data", (chunk) => receive(chunk));
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    });
    const port = await listen(server, options);
    const dropAll = () => {
      for (const socket of sockets) socket.destroy();
    };
    return {
      place: `tcp://${options.host}:${port}`,
      send: (bytes) => {
        for (const socket of sockets) {
          if (socket.writableLength > unsentBytesMax) socket.destroy();
          else socket.write(bytes);
        }
      },
      plug: (next) => {
        isIn = next;
        if (!isIn) dropAll();
      },
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          dropAll();
        }),
    };
  };

function listen(server: Server, options: TcpBytePortOptions): Promise<number> {
  const { line, host, port } = options;
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new SimFault(
          "SIM_SERIAL",
          { line, place: `tcp:${port}`, why: error.message },
          { cause: error },
        ),
      ),
    );
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
