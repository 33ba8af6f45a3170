/** What is sent to an output, what its answers mean, and what a person can do when it is refused. */
import { u8 } from "@weir/contracts/elements.ts";
import type { ModbusFault } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";
import type { OutputSettings } from "../configuration/configuration.ts";

/** MODBUS Application Protocol V1.1b3, section 7. */
export const illegalFunction = 1;

export const oneCode = ({ place }: OutputSettings): 5 | 6 => (place.table === "coil" ? 5 : 6);
export const manyCode = ({ place }: OutputSettings): 15 | 16 => (place.table === "coil" ? 15 : 16);

/** `isMany`: with a function that writes several values, of which this is the only one. */
export function writeRequest(
  output: OutputSettings,
  { value, isMany }: { value: number; isMany: boolean },
): ModbusRequest {
  const { unit } = output;
  const { address } = output.place;
  if (output.place.table === "coil") {
    return isMany
      ? { fc: 15, unit, address, values: [value !== 0] }
      : { fc: 5, unit, address, value: value !== 0 };
  }
  return isMany ? { fc: 16, unit, address, values: [value] } : { fc: 6, unit, address, value };
}

export const readBackRemedy =
  "another master may hold it, or the module ignores the write; `readBack: false` where it cannot be read";
export const feedbackRemedy =
  "look at the machine: contactor, local switch, and the wire of the feedback";

export function writeRemedy(fault: ModbusFault): string {
  if (fault.kind !== "exception") return "";
  switch (fault.code) {
    case illegalFunction:
      return "the device cannot be written there: check the table in `write`";
    case 2:
      return "there is nothing to write at this address: check `write` and the unit";
    case 3:
      return "the device does not take this value: check `safe` and `to`";
    default:
      return "look at the device: local mode, write protection, a fault of its own";
  }
}

const readCodes = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;

export const readRequest = (
  unit: number,
  place: { table: keyof typeof readCodes; address: number },
): ModbusRequest => ({ fc: readCodes[place.table], unit, address: place.address, count: 1 });

export function answeredValue(reply: { bytes: Uint8Array; dataAt: number }, table: string): number {
  const { bytes, dataAt } = reply;
  return table === "coil" || table === "discrete"
    ? u8(bytes, dataAt) & 1
    : (u8(bytes, dataAt) << 8) | u8(bytes, dataAt + 1);
}
