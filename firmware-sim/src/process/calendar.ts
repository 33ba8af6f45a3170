/** Where an instant lies in day, week and year (UTC; the plant's calendar). */

export interface Calendar {
  /** 0 … 24 */
  hour: number;
  /** 0 = Sunday */
  dayOfWeek: number;
  /** 1 … 366 */
  dayOfYear: number;
}

export const dayMs = 86_400_000;

/** First instants of the year last asked for and of the next: a step asks for the same year again. */
let year = { fromMs: 0, toMs: 0 };

export function calendarAt(nowMs: number): Calendar {
  const day = Math.floor(nowMs / dayMs);
  if (nowMs < year.fromMs || nowMs >= year.toMs) {
    const number = new Date(nowMs).getUTCFullYear();
    year = { fromMs: Date.UTC(number, 0, 1), toMs: Date.UTC(number + 1, 0, 1) };
  }
  return {
    hour: (nowMs - day * dayMs) / 3_600_000,
    dayOfWeek: (day + 4) % 7, // 1970-01-01 was a Thursday
    dayOfYear: 1 + Math.floor((nowMs - year.fromMs) / dayMs),
  };
}

/** Sewage, °C: warmest at the start of August. */
export const sewageTemperature = (dayOfYear: number): number =>
  15 + 5 * Math.cos((2 * Math.PI * (dayOfYear - 213)) / 365);

/** Raw surface water, °C. */
export const rawWaterTemperature = (dayOfYear: number): number =>
  14 + 10 * Math.cos((2 * Math.PI * (dayOfYear - 213)) / 365);

/** Saturation of dissolved oxygen, mg/L, at t °C (plant.md §1.5). */
export const oxygenSaturation = (t: number): number =>
  14.652 - 0.41022 * t + 0.007991 * t * t - 7.7774e-5 * t * t * t;
