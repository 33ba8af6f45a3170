/**
 * Thread: a Modbus TCP slave that raises its first register above the limit again and again, and takes
 * the time from the answer that shows it to the write that cuts it off. Both instants are of the same
 * clock in the same thread, so that two clients can be compared.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { parentPort } from "node:worker_threads";
import { takePriority } from "@weir/edge/thread-priority.ts";
import { normalValue, registerCount, unsafeValue } from "./cutoff-plant.ts";

/** Answers below the limit before the one above it; at least as many as a reset needs. */
const calmAnswers = 2;

/** Slave → bench. */
export type SlaveMessage =
  | { kind: "listening"; port: number }
  | { kind: "taken"; microseconds: number[] };

const headerSize = 7;

/** One client at a time. */
class Slave {
  #microseconds: number[] = [];
  #calmLeft = calmAnswers;
  #isArmed = true;
  #coil = true;
  #raisedAt: bigint | undefined;
  #count = 0;

  take(): number[] {
    const taken = this.#microseconds;
    this.#microseconds = [];
    return taken;
  }

  serve(socket: Socket): void {
    this.#arm();
    let rest = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const arrivedAt = process.hrtime.bigint();
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= headerSize) {
        const size = 6 + rest.readUInt16BE(4);
        if (rest.length < size) return;
        this.#answer(socket, rest.subarray(0, size), arrivedAt);
        rest = rest.subarray(size);
      }
    });
  }

  #arm(): void {
    this.#isArmed = true;
    this.#calmLeft = calmAnswers;
    this.#raisedAt = undefined;
    this.#coil = true;
  }

  #answer(socket: Socket, request: Buffer, arrivedAt: bigint): void {
    switch (request[7]) {
      case 3:
        this.#read(socket, request);
        return;
      case 1:
        socket.write(framed(request, Uint8Array.of(1, 1, Number(this.#coil))));
        return;
      case 5:
        this.#write(socket, request, arrivedAt);
        return;
      default:
        socket.write(framed(request, Uint8Array.of((request[7] ?? 0) | 0x80, 1)));
    }
  }

  #read(socket: Socket, request: Buffer): void {
    const pdu = Buffer.alloc(2 + 2 * registerCount);
    pdu[0] = 3;
    pdu[1] = 2 * registerCount;
    // A little life, so that nothing looks stuck.
    for (let i = 0; i < registerCount; i++) {
      pdu.writeUInt16BE(normalValue + ((this.#count + i) % 5), 2 + 2 * i);
    }
    this.#count++;
    const isUnsafe = this.#isArmed && this.#calmLeft-- <= 0;
    if (isUnsafe) pdu.writeUInt16BE(unsafeValue, 2);
    socket.write(framed(request, pdu));
    if (!isUnsafe) return;
    this.#raisedAt = process.hrtime.bigint();
    this.#isArmed = false;
  }

  #write(socket: Socket, request: Buffer, arrivedAt: bigint): void {
    const isOn = request[10] === 0xff;
    if (!isOn && this.#raisedAt !== undefined) {
      this.#microseconds.push(Number(arrivedAt - this.#raisedAt) / 1_000);
      this.#raisedAt = undefined;
    }
    this.#coil = isOn;
    if (isOn) this.#arm();
    socket.write(framed(request, request.subarray(headerSize)));
  }
}

function framed(request: Buffer, pdu: Uint8Array): Buffer {
  const frame = Buffer.alloc(headerSize + pdu.length);
  request.copy(frame, 0, 0, headerSize);
  frame.writeUInt16BE(1 + pdu.length, 4);
  frame.set(pdu, headerSize);
  return frame;
}

// It measures: where it may, it is not kept waiting by what it measures beside.
takePriority("control");

if (parentPort) {
  const port = parentPort;
  const slave = new Slave();
  const server = createServer((socket) => slave.serve(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const say = (message: SlaveMessage) => port.postMessage(message);
  port.on("message", () => say({ kind: "taken", microseconds: slave.take() }));
  say({ kind: "listening", port: (server.address() as AddressInfo).port });
}
