/** A pane on its way: what a few seconds of one tag's readings amount to, and how good they were. */

/** As `Pane` of @weir/detectors/pane.ts; times count from the start of the pane. */
export interface PaneFigures {
  count: number;
  mean: number;
  /** Σ(x − mean)² */
  m2: number;
  min: number;
  max: number;
  firstAtMs: number;
  first: number;
  lastAtMs: number;
  last: number;
  timeMean: number;
  /** Σ(t − timeMean)², ms² */
  timeM2: number;
  /** Σ(t − timeMean)(x − mean), ms·unit */
  timeValue: number;
}

export interface TagPane {
  /** Index of the tag table. */
  tag: number;
  /** UTC milliseconds, a multiple of the pane's length. */
  startMs: number;
  /** `Quality` of tag.proto: of every reading of the pane. */
  quality: number;
  /** Readings without a value. */
  holes: number;
  /** Of the newest value, else of the newest hole; after `startMs`. */
  lastAtMs: number;
  /** Of the readings with a value. */
  figures: PaneFigures;
}

/** All readings that the panes stand for. */
export function summarisedCount(panes: readonly TagPane[]): number {
  let count = 0;
  for (const { figures, holes } of panes) count += figures.count + holes;
  return count;
}

/** Σ(t − t0)² of `count` readings evenly spread over `spanMs`, rounded alike wherever it is computed. */
export const evenSquares = (count: number, spanMs: number): number =>
  count < 2 ? 0 : Math.round((spanMs * spanMs * count * (2 * count - 1)) / (6 * (count - 1)));

/** The figures with times counted from `originMs` instead; 0 is UTC. */
export function figuresFrom({ figures, startMs }: TagPane, originMs: number): PaneFigures {
  const byMs = startMs - originMs;
  return {
    ...figures,
    firstAtMs: figures.firstAtMs + byMs,
    lastAtMs: figures.lastAtMs + byMs,
    timeMean: figures.timeMean + byMs,
  };
}
