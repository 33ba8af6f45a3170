/**
 * Severity of vibration by zone: A as new, B fit for years, C only for a while, D does damage. Boundaries
 * in mm/s RMS of velocity, measured on the bearing housing.
 *
 * - up to 15 kW: ISO 10816-1, annex B, class I.
 * - above 15 kW: ISO 20816-3:2022 (before: ISO 10816-3), group 2 up to 300 kW, group 1 above.
 * - pumps: ISO 10816-7, category I (reliability or safety critical) and II (others), up to 200 kW and above.
 *
 * The standards measure 10 to 1000 Hz. What is sampled at 1 kHz shows 10 to 400 Hz: faults above that are
 * not in the figure, and a zone found from it is no statement of compliance. The numbers are the ones in
 * common use; whoever must comply compares them with the standard's own text.
 */
import { elementAt } from "@weir/contracts/elements.ts";

export type Mounting = "rigid" | "flexible";
export type MachineCategory = "general" | "pump-1" | "pump-2";

export interface SeverityLimits {
  /** "ISO 20816-3 group 2, rigid" */
  source: string;
  /** Upper boundaries of zones A, B and C, mm/s RMS. */
  boundaries: readonly [ab: number, bc: number, cd: number];
  /** Long operation above this is not intended: the boundary of B and C. */
  warn: number;
  /** The boundary of C and D. */
  trip: number;
}

export type Zone = "A" | "B" | "C" | "D";
const zones: readonly Zone[] = ["A", "B", "C", "D"];

/** Upper ends of power, kW. */
const smallKw = 15;
const mediumKw = 300;
const pumpKw = 200;

export function severityLimits(machine: {
  kW: number;
  mounting: Mounting;
  category: MachineCategory;
}): SeverityLimits {
  const { source, boundaries } = rowOf(machine);
  const [, warn, trip] = boundaries;
  return { source, boundaries, warn, trip };
}

function rowOf({
  kW,
  mounting,
  category,
}: Parameters<typeof severityLimits>[0]): Pick<SeverityLimits, "source" | "boundaries"> {
  const isFlexible = mounting === "flexible";
  if (category !== "general") {
    const isFirst = category === "pump-1";
    const source = `ISO 10816-7 category ${isFirst ? "I" : "II"}, ${kW > pumpKw ? "above" : "up to"} ${pumpKw} kW`;
    if (kW > pumpKw) return { source, boundaries: isFirst ? [3.5, 5, 7.6] : [4.2, 6.1, 9.5] };
    return { source, boundaries: isFirst ? [2.5, 4, 6.6] : [3.2, 5.1, 8.5] };
  }
  if (kW <= smallKw) return { source: "ISO 10816-1 class I", boundaries: [0.71, 1.8, 4.5] };
  if (kW <= mediumKw) {
    const boundaries = isFlexible ? ([2.3, 4.5, 7.1] as const) : ([1.4, 2.8, 4.5] as const);
    return { source: `ISO 20816-3 group 2, ${mounting}`, boundaries };
  }
  const boundaries = isFlexible ? ([3.5, 7.1, 11] as const) : ([2.3, 4.5, 7.1] as const);
  return { source: `ISO 20816-3 group 1, ${mounting}`, boundaries };
}

/** Number of the zone of `rms`: 1 for A to 4 for D. */
export function zoneNumber({ boundaries }: SeverityLimits, rms: number): number {
  return 1 + boundaries.filter((boundary) => rms > boundary).length;
}

export const zoneName = (number: number): Zone => elementAt(zones, number - 1);
