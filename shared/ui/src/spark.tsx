/** A small line without axes; gaps stay gaps. */

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
  if (known.length < 2)
    return <svg class="spark" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} />;
  const bottom = Math.min(...known, low ?? Number.POSITIVE_INFINITY);
  const top = Math.max(...known, high ?? Number.NEGATIVE_INFINITY);
  const range = top - bottom || 1;
  const x = (index: number) => (index / (values.length - 1)) * width;
  const y = (value: number) => height - 2 - ((value - bottom) / range) * (height - 4);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
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
      <path d={linePath(values, x, y)} />
    </svg>
  );
}

/** Starts anew after each gap. */
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
    path += `${open ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    open = true;
  }
  return path;
}
