/** The slave of modbus-serial on a port of its own, until the test ends. */
import { freePort } from "@weir/testing/free-port.ts";
import { type IServiceVector, ServerTCP } from "modbus-serial";
import { onTestFinished } from "vitest";

/** Resolves with its port. Unit 1. It takes port 0 for its default one, which two tests cannot share. */
export async function startModbusSerial(registers: IServiceVector): Promise<number> {
  const port = await freePort();
  const server = new ServerTCP(registers, { host: "127.0.0.1", port, unitID: 1 });
  server.on("socketError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.on("initialized", () => resolve());
    server.on("serverError", (error) => reject(error));
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return port;
}
