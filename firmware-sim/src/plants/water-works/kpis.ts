/** At-a-glance figures of the works. */
import type { KpiRow } from "../../plant-definition/plant-definition.ts";

export const kpis: readonly KpiRow[] = [
  { id: "inflow", name: "Sewage inflow", unit: "L/s", sensors: ["W01/FL01"] },
  {
    id: "oxygen",
    name: "Oxygen in aeration",
    unit: "mg/L",
    sensors: ["W12/DO01", "W13/DO01", "W14/DO01"],
    low: 1,
    high: 3.5,
  },
  {
    id: "ammonia",
    name: "Ammonia in the effluent",
    unit: "mg/L",
    sensors: ["W22/SL01"],
    high: 25,
  },
  {
    id: "blanket",
    name: "Thickener blankets",
    unit: "m",
    sensors: ["S01/LV01", "S02/LV01"],
    high: 2.5,
  },
  { id: "production", name: "Drinking water made", unit: "L/s", sensors: ["D11/FL01"] },
  {
    id: "chlorine",
    name: "Chlorine at the contact tank",
    unit: "mg/L",
    sensors: ["D11/CL01", "D11/CL02", "D11/CL03"],
    low: 0.2,
    high: 4,
  },
  {
    id: "turbidity",
    name: "Turbidity of the supply",
    unit: "NTU",
    sensors: ["D14/TU01"],
    high: 0.5,
  },
  {
    id: "clearwell",
    name: "Clear well",
    unit: "m",
    sensors: ["D12/LV01", "D12/LV02"],
    low: 0.8,
    high: 3.9,
  },
];
