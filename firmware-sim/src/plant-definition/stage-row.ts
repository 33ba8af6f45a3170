/** One stage of a plant, and the text that describes its sensors. */

export interface StageRow<Name extends string = string> {
  id: string;
  name: string;
  /** Id of the line it belongs to. */
  line: string;
  /** Volume it holds, m³; 0 where there is none worth naming. */
  volumeM3: number;
  /** Stages whose outflow enters this one. */
  upstream: readonly string[];
  /** ISO 14224-like class of the main equipment. */
  equipment: string;
  /** `<tag> <instrument> <signal>`; the signal is a true quantity of the process. */
  sensors: readonly `${string} ${Name} ${string}`[];
}
