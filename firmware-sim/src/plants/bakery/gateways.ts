/** The four controllers of the bakery, each with an encoding of its own, and which edge agent polls each. */
import type { Gateway } from "../../plant-definition/gateway.ts";

export const gateways: readonly Gateway[] = [
  {
    id: "plc-air",
    name: "Compressor house",
    edge: "edge-utilities",
    encoding: { table: "holding", type: "int16", order: "ABCD", scaled: true },
  },
  {
    id: "plc-cold",
    name: "Cold machines",
    edge: "edge-utilities",
    encoding: { table: "input", type: "float32", order: "CDAB", scaled: false },
  },
  {
    id: "plc-oven",
    name: "Oven",
    edge: "edge-baking",
    encoding: { table: "input", type: "int16", order: "ABCD", scaled: true },
  },
  {
    id: "plc-hall",
    name: "Bakery hall",
    edge: "edge-baking",
    encoding: { table: "holding", type: "int32", order: "CDAB", scaled: true },
  },
];

const gatewayByFamily: Readonly<Record<string, string>> = {
  CA: "plc-air",
  CW: "plc-cold",
  CS: "plc-cold",
  OV: "plc-oven",
};

export const gatewayOf = (stage: string): string =>
  gatewayByFamily[stage.slice(0, 2)] ?? "plc-hall";
