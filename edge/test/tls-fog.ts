/** What a real edge program meets: a device on a socket, a fog with a broker behind TLS. */
import { onTestFinished } from "vitest";
import { startModbusSerial } from "./modbus-serial-device.ts";
import { openTlsBroker, type TlsBroker } from "./tls-broker.ts";

/** Holding registers that move a little, as a plant's do. */
export async function startDevice(): Promise<number> {
  let n = 0;
  const registers = { getHoldingRegister: () => 100 + (n++ % 7), getCoil: () => false };
  return startModbusSerial(registers);
}

/** Writes the identity of edge-w to `folder`; ends with the test. */
export async function startFog(folder: string): Promise<TlsBroker> {
  const fog = await openTlsBroker(folder);
  onTestFinished(() => fog.close());
  return fog;
}
