/** Panes out of their columns. What comes over a link may be anything, and is refused, never thrown at. */

import type { BlockDictionary } from "../block/column-block.ts";
import { byResolution, gridOf } from "../block/value-grid.ts";
import { f64, numberAt } from "../elements.ts";
import type { Panes } from "../generated/weir/v1/telemetry_pb.ts";
import { evenSquares, type PaneFigures, type TagPane } from "./tag-pane.ts";

/** Panes of one message; 5-second panes of 1 000 tags over a minute are a fifth of it. */
export const panesMax = 65_536;

const looseCount = 7;

export type DecodedPanes = { ok: true; panes: TagPane[] } | { ok: false; detail: string };

/** Every pane must be `lengthMs` long. */
export function decodePanes(
  dictionary: BlockDictionary,
  message: Panes,
  lengthMs: number,
): DecodedPanes {
  const count = message.tags.length;
  const detail = fault(message, { count, lengthMs });
  if (detail) return { ok: false, detail };
  const columns = columnsOf(message);
  const loose = new Map(message.loose.map((number, at) => [number, at]));
  const panes: TagPane[] = [];
  for (let i = 0; i < count; i++) {
    const tag = numberAt(message.tags, i);
    const resolution = dictionary.tags[tag]?.resolution;
    if (resolution === undefined) return { ok: false, detail: `a pane of tag ${tag}` };
    const figures = timesOf(columns, i);
    const at = loose.get(i);
    const fits =
      at === undefined
        ? addSteps(figures, columns, { i, resolution })
        : addLoose(figures, message.looseFigures.slice(at * looseCount, (at + 1) * looseCount));
    const lastAtMs = f64(columns.firstAt, i) + f64(columns.spans, i);
    if (!fits || lastAtMs >= lengthMs) {
      return { ok: false, detail: `pane ${i}, of tag ${tag}, has impossible figures` };
    }
    panes.push({
      tag,
      startMs: message.startMs + f64(columns.starts, i) * lengthMs,
      quality: f64(columns.qualities, i),
      holes: f64(columns.holes, i),
      lastAtMs,
      figures: figures.count > 0 ? figures : noFigures(),
    });
  }
  return { ok: true, panes };
}

function fault(message: Panes, is: { count: number; lengthMs: number }): string | undefined {
  const { count, lengthMs } = is;
  if (count > panesMax) return `${count} panes, at most ${panesMax} fit a message`;
  if (count > 0 && message.lengthMs !== lengthMs) return `panes of ${message.lengthMs} ms`;
  const { startMs } = message;
  if (!(startMs >= 0 && startMs < 2 ** 48 && startMs % lengthMs === 0))
    return `panes at ${startMs}`;
  for (const [name, column] of Object.entries(message)) {
    if (!Array.isArray(column) || name.startsWith("loose")) continue;
    if (column.length !== 0 && column.length !== count) {
      return `${column.length} ${name} of ${count} panes`;
    }
  }
  if (message.looseFigures.length !== looseCount * message.loose.length) {
    return `${message.looseFigures.length} figures of ${message.loose.length} panes`;
  }
  return undefined;
}

type Columns = ReturnType<typeof columnsOf>;

function columnsOf(message: Panes) {
  const count = message.tags.length;
  const filled = (column: readonly (number | bigint)[]): Float64Array =>
    column.length === 0 ? new Float64Array(count) : Float64Array.from(column, Number);
  return {
    starts: filled(message.starts),
    qualities: filled(message.qualities),
    counts: filled(message.counts),
    holes: filled(message.holes),
    firstAt: filled(message.firstAt),
    spans: filled(message.spans),
    timeSums: filled(message.timeSums),
    timeSquares: filled(message.timeSquares),
    firsts: filled(message.firsts),
    lasts: filled(message.lasts),
    mins: filled(message.mins),
    maxs: filled(message.maxs),
    sums: filled(message.sums),
    squares: filled(message.squares),
    products: filled(message.products),
  };
}

/** The figures that are about time; those of values are still 0. */
function timesOf(columns: Columns, i: number): PaneFigures {
  const count = f64(columns.counts, i);
  const firstAtMs = f64(columns.firstAt, i);
  const span = f64(columns.spans, i);
  const sum = (f64(columns.timeSums, i) + count * span) / 2;
  const squares = f64(columns.timeSquares, i) + evenSquares(count, span);
  return {
    ...noFigures(),
    count,
    firstAtMs,
    lastAtMs: firstAtMs + span,
    timeMean: firstAtMs + sum / Math.max(1, count),
    timeM2: Math.max(0, squares - (sum * sum) / Math.max(1, count)),
  };
}

function addSteps(
  figures: PaneFigures,
  columns: Columns,
  { i, resolution }: { i: number; resolution: number },
): boolean {
  const { count } = figures;
  if (count === 0) return true;
  if (!(resolution > 0)) return false;
  const { factor, divisor } = gridOf(byResolution, resolution);
  const toValue = (steps: number) => (steps * factor) / divisor;
  const first = f64(columns.firsts, i);
  const sum = f64(columns.sums, i);
  figures.first = toValue(first);
  figures.last = toValue(first + f64(columns.lasts, i));
  figures.min = toValue(first + f64(columns.mins, i));
  figures.max = toValue(first + f64(columns.maxs, i));
  figures.mean = toValue(first + sum / count);
  figures.m2 = toValue(toValue(Math.max(0, f64(columns.squares, i) - (sum * sum) / count)));
  const around = (figures.timeMean - figures.firstAtMs) * sum;
  figures.timeValue = toValue(f64(columns.products, i) - around);
  return isSound(figures);
}

function addLoose(figures: PaneFigures, loose: readonly number[]): boolean {
  const [first = 0, last = 0, min = 0, max = 0, mean = 0, m2 = 0, timeValue = 0] = loose;
  Object.assign(figures, { first, last, min, max, mean, m2, timeValue });
  return figures.count > 0 && isSound(figures);
}

/** A mean may lie beside equal values by its rounding. */
const isSound = ({ min, max, mean, m2, timeValue, first, last }: PaneFigures): boolean => {
  const slack = 1e-9 * Math.max(Math.abs(min), Math.abs(max));
  const within = (x: number) => x >= min - slack && x <= max + slack;
  return (
    within(first) && within(last) && within(mean) && m2 >= 0 && Number.isFinite(m2 + timeValue)
  );
};

const noFigures = (): PaneFigures => ({
  count: 0,
  mean: 0,
  m2: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  firstAtMs: Number.POSITIVE_INFINITY,
  first: Number.NaN,
  lastAtMs: Number.NEGATIVE_INFINITY,
  last: Number.NaN,
  timeMean: 0,
  timeM2: 0,
  timeValue: 0,
});
