/** The site's own description (`site.yaml`): what the fog and the cloud know before the first birth. */
import type { PlantPack } from "./plant-pack.ts";

export interface SiteModel {
  site: { id: string; name: string; tz: string };
  lines: SiteLine[];
  /** In flow order within each line; the dashboard's matrix follows this order. */
  stages: SiteStage[];
  /** At-a-glance figures, in display order. */
  kpis: SiteKpi[];
  /** Plant packs by the names under which the site's file asks for them. */
  packs?: string[] | undefined;
  /** Those packs and what the site adds, in one; left out, everything is told in plain words. */
  pack?: PlantPack | undefined;
}

export interface SiteLine {
  /** "A" */
  id: string;
  name: string;
}

export interface SiteStage {
  /** "TANK1" */
  id: string;
  name: string;
  line: string;
  volumeM3?: number;
  /** Stages whose outflow enters this one. */
  upstream: string[];
  /** Class of its main equipment in the site's words, as packs know it: "pump", "heat exchanger", … */
  equipment: string;
}

export interface SiteKpi {
  id: string;
  name: string;
  unit: string;
  /** Tag ids "<edge>/<device>/<name>"; the value is their mean. */
  tags: string[];
  low?: number;
  high?: number;
}
