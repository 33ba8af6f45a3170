/** A virtual slave behind a real socket, until the test ends. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { systemClock } from "@weir/runtime/clock.ts";
import { onTestFinished } from "vitest";
import { VirtualSlave } from "./virtual-slave.ts";

export async function startSlave(): Promise<{ slave: VirtualSlave; port: number }> {
  const slave = new VirtualSlave(systemClock());
  slave.latencyMs = 0;
  const server = createServer((socket) => {
    const channel = slave.open({
      onOpen: () => {},
      onBytes: (bytes) => socket.write(bytes),
      onClose: () => socket.destroy(),
    });
    socket.on("data", (chunk: Buffer) => channel.write(chunk));
    socket.on("error", () => {});
    socket.on("close", () => channel.close());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    slave.cut();
    server.close();
  });
  return { slave, port: (server.address() as AddressInfo).port };
}
