/** `--ports`: one number (the first of as many in a row as the plant has gateways, or 0 for free ones), or all, separated by commas. */
import { SimFault } from "../faults.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";

const portMax = 65_535;

/** @throws Fault SIM_OPTION */
export function parsePorts({ gateways }: PlantDefinition, text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : Number.NaN));
  const [first = Number.NaN] = numbers;
  const ports =
    numbers.length === 1 ? gateways.map((_, i) => (first === 0 ? 0 : first + i)) : numbers;
  const isValid = ports.length === gateways.length && ports.every((p) => p >= 0 && p <= portMax);
  const used = ports.filter((port) => port !== 0);
  if (isValid && new Set(used).size === used.length) return ports;
  throw new SimFault("SIM_OPTION", {
    option: "--ports",
    value: text,
    expected: `0, the first of ${gateways.length} ports in a row, or ${gateways.length} different ports separated by commas (${gateways.map(({ id }) => id).join(", ")})`,
  });
}
