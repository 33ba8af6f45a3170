/** The six programmable controllers that hold the sensors, and which edge agent polls each. */

import type { Gateway } from "../../plant-definition/gateway.ts";

const floats = { table: "input", type: "float32", order: "ABCD", scaled: false } as const;
const shorts = { table: "input", type: "int16", order: "ABCD", scaled: true } as const;

export const gateways: readonly Gateway[] = [
  { id: "plc-w-a", name: "W-A", edge: "edge-w", encoding: floats },
  { id: "plc-w-b", name: "W-B", edge: "edge-w", encoding: floats },
  {
    id: "plc-s",
    name: "S",
    edge: "edge-w",
    encoding: { table: "holding", type: "float32", order: "CDAB", scaled: false },
  },
  { id: "plc-d-a", name: "D-A", edge: "edge-d", encoding: shorts },
  { id: "plc-d-b", name: "D-B", edge: "edge-d", encoding: shorts },
  {
    id: "plc-m",
    name: "M",
    edge: "edge-d",
    encoding: { table: "holding", type: "int32", order: "ABCD", scaled: true },
  },
];

const lastOfWA = 11;
const lastOfDA = 10;

/** Machine summaries live on plc-m, all other sensors on the gateway of their stage. */
export function gatewayOf(stage: string, sensorClass: string): string {
  if (sensorClass === "MO") return "plc-m";
  const number = Number(stage.slice(1));
  if (stage.startsWith("W")) return number <= lastOfWA ? "plc-w-a" : "plc-w-b";
  if (stage.startsWith("S")) return "plc-s";
  return number <= lastOfDA ? "plc-d-a" : "plc-d-b";
}
