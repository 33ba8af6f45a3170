/** The site's own description (`site.yaml`): what the fog and the cloud know before the first birth. */

export interface SiteModel {
  site: { id: string; name: string; tz: string };
  lines: SiteLine[];
  /** In flow order within each line; the dashboard's matrix follows this order. */
  stages: SiteStage[];
  /** At-a-glance figures, in display order. */
  kpis: SiteKpi[];
}

export interface SiteLine {
  /** "W", "S", "D" */
  id: string;
  name: string;
}

export interface SiteStage {
  /** "W13" */
  id: string;
  name: string;
  line: string;
  volumeM3?: number;
  /** Stages whose outflow enters this one. */
  upstream: string[];
  /** ISO 14224-like class of the main equipment: "thickener", "aeration tank", "dosing", … */
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
