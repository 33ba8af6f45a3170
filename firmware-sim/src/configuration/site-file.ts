/** `site.yaml`: what fog and cloud know of the site before the first birth (shared/contracts site.ts). */
import type { SiteKpi, SiteModel } from "@weir/contracts/site.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { flow } from "./yaml-text.ts";

export function siteModel({
  site,
  packs,
  lines,
  stages,
  kpis,
  sensorById,
}: PlantDefinition): SiteModel {
  return {
    site,
    lines: lines.map((line) => ({ ...line })),
    stages: stages.map((stage) => ({
      id: stage.id,
      name: stage.name,
      line: stage.line,
      ...(stage.volumeM3 > 0 && { volumeM3: stage.volumeM3 }),
      upstream: [...stage.upstream],
      equipment: stage.equipment,
    })),
    kpis: kpis.map(
      ({ sensors, ...row }): SiteKpi => ({
        ...row,
        tags: sensors.map((id) => sensorById(id)?.siteId ?? id),
      }),
    ),
    packs: [...packs],
  };
}

export function siteFile(plant: PlantDefinition): string {
  const model = siteModel(plant);
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
