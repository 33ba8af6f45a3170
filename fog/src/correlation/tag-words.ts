/** Plant words for tags: what an operator calls a sensor. */
import type { SiteTagRow } from "../historian/site-tags.ts";

const kindWords: Record<string, string> = {
  chlorine_free: "free chlorine",
  ph: "pH",
  turbidity: "turbidity",
  tss: "suspended solids",
  dissolved_oxygen: "oxygen probe",
  flow: "flow",
  air_flow: "air flow",
  level: "level",
  blanket: "sludge blanket",
  pressure: "pressure",
  vibration: "vibration",
  temperature: "temperature",
  current: "motor current",
  torque: "torque",
  ammonia: "ammonia",
  nitrate: "nitrate",
  orp: "redox potential",
  conductivity: "conductivity",
  uv254: "UV absorbance",
  mlss: "sludge concentration",
};

export const kindName = (kind: string): string => kindWords[kind] ?? kind.replaceAll("_", " ");

/** "oxygen probe DO01" where a stage has several of a kind, else "air flow". */
export function tagName(row: SiteTagRow, rows: readonly SiteTagRow[]): string {
  const likes = rows.filter(
    (other) => other.tag.stage === row.tag.stage && other.tag.kind === row.tag.kind,
  );
  const name = kindName(row.tag.kind);
  return likes.length > 1 ? `${name} ${row.tag.name}` : name;
}
