/** Why a block has no values, and what a person can do about it. */
import type { Missing } from "../../conditioning/missing.ts";
import type { Block } from "../block-plan.ts";
import type { ModbusFault } from "./reply.ts";

const tableOf = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" } as const;

/** Gateways say with exceptions 10 and 11 that the unit behind them does not answer. */
export const isGateway = (code: number): boolean => code === 10 || code === 11;

export function missingAfter(block: Block, fault: ModbusFault): Missing {
  const { fc, address, count, unit, points } = block;
  const place = `${tableOf[fc]}:${address}`;
  const what = fc <= 2 ? "bits" : "registers";
  const asked = count > 1 ? `${count} ${what} from ${place}` : place;
  const text = fault.kind === "exception" ? `${fault.text} (${asked})` : fault.text;
  return { text, remedy: remedyFor(fault, { isLong: points.length > 1, count, unit }) };
}

function remedyFor(
  fault: ModbusFault,
  { isLong, count, unit }: { isLong: boolean; count: number; unit: number },
): string {
  const isTooMany = isLong ? `set \`maxRegisters\` of the device below ${count}` : "";
  if (fault.kind !== "exception") {
    const isSlow = "give the connection a longer `timeout` if the device is slow";
    const ways = [
      fault.kind === "timeout" ? isSlow : "",
      isTooMany === "" ? "" : `if other tags of it are read: ${isTooMany}`,
    ];
    return ways.filter((way) => way !== "").join("; ");
  }
  switch (fault.code) {
    case 1:
      return "the device does not know this function: give another table in `read`";
    case 2:
      return "check `read`: weir-edge probe shows which registers there are";
    case 3:
      return isTooMany || "check `read` and `type`: weir-edge probe shows what the device takes";
    case 5:
    case 6:
      return "the device is busy: a larger `gap` or `every` gives it time";
    case 10:
    case 11:
      return `the gateway does not reach unit ${unit}: check \`unit\`, power and wires behind it`;
    default:
      return "look at the device";
  }
}
