/** What a report says of many measured times. */
import { numberAt } from "@weir/contracts/elements.ts";

export interface Spread {
  count: number;
  lowest: number;
  p50: number;
  p95: number;
  p99: number;
  highest: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    count: sorted.length,
    lowest: at(0),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    highest: at(1),
  };
}

/** Least-squares slope of `ys` over `xs`; NaN for fewer than two. */
export function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const n = xs.length;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  let over = 0;
  let under = 0;
  xs.forEach((x, i) => {
    over += (x - mx) * (numberAt(ys, i) - my);
    under += (x - mx) ** 2;
  });
  return over / under;
}
