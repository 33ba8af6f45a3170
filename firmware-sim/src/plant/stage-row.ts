/** One stage of the works, and the text that describes its sensors. */
import type { InstrumentName } from "./instruments.ts";

export type LineId = "W" | "S" | "D";

export interface StageRow {
  id: string;
  name: string;
  line: LineId;
  /** Water volume, m³; 0 where the stage holds none worth naming. */
  volumeM3: number;
  /** Stages whose outflow enters this one. */
  upstream: readonly string[];
  /** ISO 14224-like class of the main equipment. */
  equipment: string;
  sensors: readonly `${string} ${InstrumentName} ${string}`[];
}
