/** What water carries from stage to stage: one vector of concentrations, mixed by mass, never by pH. */
import { f64 } from "@weir/contracts/elements.ts";

export type Water = Float64Array;

/** meq/L */
export const ALK = 0;
/** Total inorganic carbon, mmol/L. */
export const CT = 1;
/** mg/L on the sewage and sludge lines, NTU on the drinking-water line. */
export const TSS = 2;
/** Ammonium, mg N/L. */
export const NH = 3;
/** Nitrate, mg N/L. */
export const NO = 4;
/** Dissolved oxygen, mg/L. */
export const DO = 5;
/** Conductivity, µS/cm. */
export const COND = 6;
/** Readily degradable organic matter, mg COD/L; mg TOC/L on the drinking-water line. */
export const ORG = 7;
/** Free chlorine, mg/L. */
export const CL = 8;
/** °C */
export const TEMP = 9;

export const width = 10;

export const water = (): Water => new Float64Array(width);

/** `into` becomes the flow-weighted mix of `parts`; unchanged when nothing flows. Returns the total flow. */
export function blend(into: Water, parts: readonly { flow: number; water: Water }[]): number {
  let total = 0;
  for (const part of parts) total += part.flow;
  if (total <= 0) return 0;
  for (let k = 0; k < width; k++) {
    let mass = 0;
    for (const part of parts) mass += part.flow * f64(part.water, k);
    into[k] = mass / total;
  }
  return total;
}
