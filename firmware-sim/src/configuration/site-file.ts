/** `site.yaml`: what fog and cloud know of the site before the first birth (shared/contracts site.ts). */
import type { SiteKpi, SiteModel } from "@weir/contracts/site.ts";
import { sensorById } from "../plant/sensors.ts";
import { lines, stages } from "../plant/stage-table.ts";
import { flow, scalar } from "./yaml-text.ts";

export const siteId = "riverside";
export const siteZone = "Europe/London";

interface KpiRow {
  id: string;
  name: string;
  unit: string;
  sensors: readonly string[];
  low?: number;
  high?: number;
}

const kpiRows: readonly KpiRow[] = [
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

export function siteModel(): SiteModel {
  return {
    site: { id: siteId, name: "Riverside Water and Sewage Works", tz: siteZone },
    lines: lines.map((line) => ({ ...line })),
    stages: stages.map((stage) => ({
      id: stage.id,
      name: stage.name,
      line: stage.line,
      ...(stage.volumeM3 > 0 && { volumeM3: stage.volumeM3 }),
      upstream: [...stage.upstream],
      equipment: stage.equipment,
    })),
    kpis: kpiRows.map(
      ({ sensors, ...row }): SiteKpi => ({
        ...row,
        tags: sensors.map((id) => sensorById(id)?.siteId ?? id),
      }),
    ),
    packs: ["water"],
  };
}

export function siteFile(): string {
  const model = siteModel();
  const rows = [
    "# What stands where at this site. Written by weir-sim; edit it for a real one.",
    `site: ${flow(model.site)}`,
    `packs: ${flow(model.packs ?? [])}`,
    "lines:",
    ...model.lines.map((line) => `  - ${flow(line)}`),
    "stages:",
    ...model.stages.map((stage) => `  - ${flow(stage)}`),
    "kpis:",
    ...model.kpis.map((kpi) => `  - ${flow(kpi)}`),
  ];
  return `${rows.join("\n")}\n`;
}

export const nameOfStage = (id: string): string =>
  scalar(stages.find((stage) => stage.id === id)?.name ?? id);
