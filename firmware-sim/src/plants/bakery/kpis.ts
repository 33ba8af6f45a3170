/** At-a-glance figures of the bakery. */
import type { KpiRow } from "../../plant-definition/plant-definition.ts";

export const kpis: readonly KpiRow[] = [
  { id: "air", name: "Compressed air", unit: "bar", sensors: ["CA4/PT01"], low: 6, high: 8 },
  { id: "cold-water", name: "Cold water", unit: "degC", sensors: ["CW3/TE01"], low: 4, high: 9 },
  { id: "store", name: "Cold store", unit: "degC", sensors: ["CS1/TE01"], low: 1, high: 6 },
  { id: "proofing", name: "Proofer", unit: "%RH", sensors: ["PB1/MT01"], low: 70, high: 90 },
  { id: "oven", name: "Oven", unit: "degC", sensors: ["OV1/TE01", "OV2/TE01"], high: 280 },
  { id: "gas", name: "Gas", unit: "m3/h", sensors: ["EM1/FG01"] },
  { id: "power", name: "Power", unit: "kW", sensors: ["EM1/JW01"] },
];
