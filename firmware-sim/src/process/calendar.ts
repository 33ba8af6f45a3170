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
