/** How warm the waters of the works are in the course of a year, and what oxygen they hold. */

/** Sewage, °C: warmest at the start of August. */
export const sewageTemperature = (dayOfYear: number): number =>
  15 + 5 * Math.cos((2 * Math.PI * (dayOfYear - 213)) / 365);

/** Raw surface water, °C. */
export const rawWaterTemperature = (dayOfYear: number): number =>
  14 + 10 * Math.cos((2 * Math.PI * (dayOfYear - 213)) / 365);

/** Saturation of dissolved oxygen, mg/L, at t °C. */
export const oxygenSaturation = (t: number): number =>
  14.652 - 0.41022 * t + 0.007991 * t * t - 7.7774e-5 * t * t * t;
