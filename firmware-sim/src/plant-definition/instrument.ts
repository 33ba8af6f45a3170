/** What an instrument is, whatever the plant: one row of a plant's table. */

export interface Instrument {
  /** What it measures, in the words of the tag table: "ph", "power", … */
  kind: string;
  unit: string;
  min: number;
  max: number;
  /** Smallest step of the displayed value. */
  resolution: number;
  /** Seconds to 90 % of a step. */
  t90S: number;
  /** Standard deviation of the white noise, absolute part, in `unit`. */
  noise: number;
  /** … and its part relative to the reading. */
  noiseRelative: number;
  /** Seconds a sample takes through the tubing before the cell sees it. */
  sampleLineS: number;
  /** Wired as 4–20 mA: a fault shows as 3.5 or 21.6 mA (NAMUR NE 43). */
  currentLoop: boolean;
  /** Engineering value of one count on gateways that speak integers. */
  intScale: number;
  /** Signed on gateways that speak 32-bit integers. */
  signed?: boolean;
  /** What it reads while it is calibrated; without one it stands in what it measures. */
  buffer?: number;
  /** What it comes to once its sample no longer flows; 0 without. */
  resting?: number;
}
