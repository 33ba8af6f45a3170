/** Numbers as an operator reads them. Times are in time-format.ts. */

/** Three significant digits, but never fewer digits than the integer part has. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

const scales = ["B", "kB", "MB", "GB", "TB"] as const;

export function bytes(value: number): string {
  let index = 0;
  while (value >= 1000 && index < scales.length - 1) {
    value /= 1000;
    index++;
  }
  return `${index === 0 ? value.toFixed(0) : number(value)} ${scales[index]}`;
}

export const count = (value: number): string => Math.round(value).toLocaleString("en-GB");

/** "1 reading", "3 readings". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const oneDigit = (value: number): string => value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, "");

/** A length of time: "240 ms", "3 s", "12 min", "5.5 h", "18 d". */
export function span(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 0.9995) return `${Math.round(Math.abs(ms))} ms`;
  if (seconds < 90) return `${oneDigit(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${oneDigit(seconds / 3600)} h`;
  return `${oneDigit(seconds / 86_400)} d`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
