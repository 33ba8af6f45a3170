/** A tiny Modbus TCP slave for tests: input and holding registers are one table, so are coils and discrete inputs. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface RegisterSlave {
  readonly port: number;
  /** 16 bits each. */
  readonly registers: Uint16Array;
  /** 0 or 1 each. */
  readonly coils: Uint8Array;
  /** Requests so far. */
  readonly requestCount: number;
  close(): Promise<void>;
}

const headerSize = 7;
const illegalFunction = 1;
const illegalAddress = 2;

/** On a free port of this machine. Inside a test it is closed when the test ends. */
export async function serveRegisters(sizes: {
  registers: number;
  coils: number;
}): Promise<RegisterSlave> {
  const registers = new Uint16Array(sizes.registers);
  const coils = new Uint8Array(sizes.coils);
  const sockets = new Set<Socket>();
  let requestCount = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let rest: Buffer = Buffer.alloc(0);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= headerSize && rest.length >= 6 + rest.readUInt16BE(4)) {
        const size = 6 + rest.readUInt16BE(4);
        requestCount++;
        const pdu = answer(rest.subarray(headerSize, size), { registers, coils });
        const header = Buffer.from(rest.subarray(0, headerSize));
        header.writeUInt16BE(1 + pdu.length, 4);
        socket.write(Buffer.concat([header, pdu]));
        rest = rest.subarray(size);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  try {
    onTestFinished(close);
  } catch {
    // Not inside a test: whoever started it closes it.
  }
  return {
    port: (server.address() as AddressInfo).port,
    registers,
    coils,
    get requestCount() {
      return requestCount;
    },
    close,
  };
}

/** Functions 1 to 6. */
function answer(
  request: Buffer,
  { registers, coils }: { registers: Uint16Array; coils: Uint8Array },
): Buffer {
  const fc = request[0] ?? 0;
  const refuse = (code: number) => Buffer.from([fc | 0x80, code]);
  if (request.length < 5 || fc < 1 || fc > 6) return refuse(illegalFunction);
  const address = request.readUInt16BE(1);
  const value = request.readUInt16BE(3);
  if (fc === 5 || fc === 6) {
    const table = fc === 5 ? coils : registers;
    if (address >= table.length) return refuse(illegalAddress);
    table[address] = fc === 5 ? (value === 0xff00 ? 1 : 0) : value;
    return Buffer.from(request.subarray(0, 5));
  }
  const table = fc <= 2 ? coils : registers;
  if (value < 1 || address + value > table.length) return refuse(illegalAddress);
  if (fc <= 2) {
    const bytes = Buffer.alloc(Math.ceil(value / 8));
    for (let i = 0; i < value; i++) {
      if (table[address + i] === 1) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
    }
    return Buffer.concat([Buffer.from([fc, bytes.length]), bytes]);
  }
  const bytes = Buffer.alloc(2 * value);
  for (let i = 0; i < value; i++) bytes.writeUInt16BE(table[address + i] ?? 0, 2 * i);
  return Buffer.concat([Buffer.from([fc, bytes.length]), bytes]);
}
