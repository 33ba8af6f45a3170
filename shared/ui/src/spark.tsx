/** A small line without axes that ends now; gaps stay gaps, and a silent end is hatched. */
import { silentShare } from "./chart-gaps.ts";

export interface SparkProps {
  values: readonly (number | null)[];
  low?: number | undefined;
  high?: number | undefined;
  width?: number;
  height?: number;
  label: string;
}

export function Spark({ values, low, high, width = 120, height = 28, label }: SparkProps) {
  const known = values.filter((value): value is number => value !== null);
  const silent = values.length === 0 ? 1 : silentShare(values);
  const bottom = Math.min(...known, low ?? Number.POSITIVE_INFINITY);
  const top = Math.max(...known, high ?? Number.NEGATIVE_INFINITY);
  const range = top - bottom || 1;
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * width;
  const y = (value: number) => height - 2 - ((value - bottom) / range) * (height - 4);
  const words = silent === 0 ? label : `${label}; nothing heard for the last part of it`;
  return (
    <span class="spark-box">
      <svg
        class="spark"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        {low !== undefined && high !== undefined && (
          <rect
            class="spark-band"
            x="0"
            width={width}
            y={y(high)}
            height={Math.max(1, y(low) - y(high))}
          />
        )}
        {known.length > 1 && <path d={linePath(values, x, y)} />}
      </svg>
      {silent > 0 && <span class="spark-silent" style={{ width: `${silent * 100}%` }} />}
    </span>
  );
}

/** Starts anew after each gap; a value alone between two gaps is a dot. */
export function linePath(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let open = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    const isAlone = !open && (values[index + 1] ?? null) === null;
    path += `${open ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}${isAlone ? "h0.1" : ""}`;
    open = true;
  }
  return path;
}
