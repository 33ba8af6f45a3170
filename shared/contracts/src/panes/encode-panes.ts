/** Panes into columns of whole numbers; see `Panes` of telemetry.proto. */
import assert from "node:assert";
import { create } from "@bufbuild/protobuf";
import type { BlockDictionary } from "../block/column-block.ts";
import { byResolution, gridOf } from "../block/value-grid.ts";
import { type Panes, PanesSchema } from "../generated/weir/v1/telemetry_pb.ts";
import { evenSquares, type PaneFigures, type TagPane } from "./tag-pane.ts";

/** Values this close to whole steps, relative, are whole steps: registers often hold float32. */
const stepTolerance = 1e-7;
/** Sums of whole steps are whole but for what rounding adds, which is far less. */
const sumTolerance = 0.05;
/** Whole numbers beyond this are not kept apart by float64. */
const wholeMax = 2 ** 52;

/** The columns 12 to 18 of one pane. */
interface Steps {
  first: number;
  last: number;
  min: number;
  max: number;
  sum: number;
  squares: number;
  products: number;
}

/** In the order given, which should be that of the tags. Every pane is `lengthMs` long. */
export function encodePanes(
  dictionary: BlockDictionary,
  panes: readonly TagPane[],
  lengthMs: number,
): Panes {
  const startMs = Math.min(...panes.map((pane) => pane.startMs));
  const message = create(PanesSchema, { startMs, lengthMs });
  for (const [number, pane] of panes.entries()) {
    const start = (pane.startMs - startMs) / lengthMs;
    assert(Number.isInteger(start), `a pane at ${pane.startMs} of length ${lengthMs}`);
    message.starts.push(start);
    message.tags.push(pane.tag);
    message.qualities.push(pane.quality);
    message.counts.push(pane.figures.count);
    message.holes.push(pane.holes);
    pushTimes(message, pane);
    pushValues(message, number, {
      figures: pane.figures,
      resolution: dictionary.tags[pane.tag]?.resolution ?? 0,
    });
  }
  leaveOutZeros(message);
  return message;
}

function pushTimes(message: Panes, { figures, lastAtMs }: TagPane): void {
  const { count } = figures;
  const firstAtMs = count > 0 ? figures.firstAtMs : lastAtMs;
  const span = count > 0 ? figures.lastAtMs - firstAtMs : 0;
  const sum = count > 0 ? Math.round(count * (figures.timeMean - firstAtMs)) : 0;
  const squares = count > 0 ? Math.round(figures.timeM2 + (sum * sum) / count) : 0;
  message.firstAt.push(firstAtMs);
  message.spans.push(span);
  message.timeSums.push(BigInt(2 * sum - count * span));
  message.timeSquares.push(BigInt(squares - evenSquares(count, span)));
}

function pushValues(
  message: Panes,
  number: number,
  of: { figures: PaneFigures; resolution: number },
): void {
  const { figures, resolution } = of;
  const steps = figures.count === 0 ? noSteps : stepsOf(figures, resolution);
  const { first, last, min, max, sum, squares, products } = steps ?? noSteps;
  message.firsts.push(BigInt(first));
  message.lasts.push(BigInt(last));
  message.mins.push(BigInt(min));
  message.maxs.push(BigInt(max));
  message.sums.push(BigInt(sum));
  message.squares.push(BigInt(squares));
  message.products.push(BigInt(products));
  if (steps) return;
  const { mean, m2, timeValue } = figures;
  message.loose.push(number);
  message.looseFigures.push(
    ...[figures.first, figures.last, figures.min, figures.max, mean, m2, timeValue],
  );
}

const noSteps: Steps = { first: 0, last: 0, min: 0, max: 0, sum: 0, squares: 0, products: 0 };

/** Undefined when some value was no whole step. */
function stepsOf(figures: PaneFigures, resolution: number): Steps | undefined {
  if (!(resolution > 0)) return undefined;
  const { count, timeMean, firstAtMs } = figures;
  const { divisor, factor } = gridOf(byResolution, resolution);
  const scale = divisor / factor;
  const first = wholeOf(figures.first * scale, stepTolerance);
  const last = wholeOf(figures.last * scale, stepTolerance);
  const min = wholeOf(figures.min * scale, stepTolerance);
  const max = wholeOf(figures.max * scale, stepTolerance);
  if (first === undefined || last === undefined || min === undefined || max === undefined) {
    return undefined;
  }
  const exactSum = count * (figures.mean * scale - first);
  const sum = Math.round(exactSum);
  const exactSquares = figures.m2 * scale * scale + (exactSum * exactSum) / count;
  const squares = Math.round(exactSquares);
  const products = Math.round(figures.timeValue * scale + (timeMean - firstAtMs) * exactSum);
  const isOff = (exact: number, whole: number) =>
    Math.abs(exact - whole) > sumTolerance || Math.abs(whole) > wholeMax;
  if (isOff(exactSum, sum) || isOff(exactSquares, squares) || Math.abs(products) > wholeMax) {
    return undefined;
  }
  return { first, last: last - first, min: min - first, max: max - first, sum, squares, products };
}

function wholeOf(steps: number, tolerance: number): number | undefined {
  const whole = Math.round(steps);
  const isWhole = Math.abs(steps - whole) <= tolerance * Math.max(1, Math.abs(whole));
  return isWhole && Math.abs(whole) <= wholeMax ? whole : undefined;
}

function leaveOutZeros(message: Panes): void {
  const whole = [message.starts, message.qualities, message.counts, message.holes];
  for (const column of [...whole, message.firstAt, message.spans]) {
    if (column.every((x) => x === 0)) column.length = 0;
  }
  const { timeSums, timeSquares, firsts, lasts, mins, maxs, sums, squares, products } = message;
  for (const column of [timeSums, timeSquares, firsts, lasts, mins, maxs, sums, squares, products])
    if (column.every((x) => x === 0n)) column.length = 0;
}
