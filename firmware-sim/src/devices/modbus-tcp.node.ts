/**
 * Modbus TCP on a socket, one server a gateway. modbus-serial's own server cannot listen on a free port
 * (it takes 0 for 502) and answers a millisecond late, so its client is the oracle in the tests instead.
 */

import { createServer, type Server, type Socket } from "node:net";
import { u8 } from "@weir/contracts/elements.ts";
import { SimFault } from "../faults.ts";
import { answerPdu, type RegisterDevice } from "./modbus-pdu.ts";

/** Bytes of transaction, protocol, length; the unit follows. */
const headerSize = 6;
/** Unit and protocol data unit, at most (Modbus TCP implementation guide, 3.1.3). */
const bodySizeMax = 254;
const unitId = 1;

export interface ModbusServer {
  port: number;
  connectionCount(): number;
  close(): Promise<void>;
}

export interface ModbusServerOptions {
  device: RegisterDevice;
  /** What it is called where its port cannot be had. */
  name: string;
  host: string;
  /** 0 = any free port. */
  port: number;
  /** Brings the plant to the present before a request is answered. */
  beforeRequest: () => void;
}

/** @throws Fault SIM_PORT when the port cannot be had */
export async function serveModbus(options: ModbusServerOptions): Promise<ModbusServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      const rest = serveChunk(options, socket, {
        bytes: pending.length === 0 ? chunk : Buffer.concat([pending, chunk]),
      });
      if (rest === undefined) socket.destroy();
      else pending = rest;
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    connectionCount: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, options: ModbusServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new SimFault(
          "SIM_PORT",
          { gateway: options.name, port: options.port, why: error.message },
          { cause: error },
        ),
      ),
    );
    server.listen({ host: options.host, port: options.port }, () => resolve());
  });
}

/** Answers every whole frame in `bytes` and returns what is left; undefined when the peer speaks something else. */
function serveChunk(
  options: ModbusServerOptions,
  socket: Socket,
  chunk: { bytes: Buffer },
): Buffer | undefined {
  let { bytes } = chunk;
  while (bytes.length > headerSize) {
    const size = bytes.readUInt16BE(4);
    if (bytes.readUInt16BE(2) !== 0 || size < 2 || size > bodySizeMax) return undefined;
    if (bytes.length < headerSize + size) break;
    const unit = u8(bytes, headerSize);
    const pdu = bytes.subarray(headerSize + 1, headerSize + size);
    // A controller answers its own unit; 0 and 255 mean "the one at this address".
    if (unit === unitId || unit === 0 || unit === 255) {
      options.beforeRequest();
      const answer = answerPdu(options.device, pdu);
      if (answer !== undefined) socket.write(frame(bytes.readUInt16BE(0), unit, answer));
    }
    bytes = bytes.subarray(headerSize + size);
  }
  return Buffer.from(bytes);
}

function frame(transaction: number, unit: number, pdu: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(headerSize + 1 + pdu.length);
  out.writeUInt16BE(transaction, 0);
  out.writeUInt16BE(0, 2);
  out.writeUInt16BE(1 + pdu.length, 4);
  out[headerSize] = unit;
  out.set(pdu, headerSize + 1);
  return out;
}
