/**
 * Questions about the past, asked away from the thread that takes readings in: a trend of a month may read a
 * hundred megabytes, and no live message waits for it. The other end is history-query-worker.ts.
 */
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import type { Series } from "./series-buckets.ts";

export interface SeriesQuestion {
  kind: "series";
  /** "<edge>/<device>/<name>"; unknown ones are all gaps. */
  tags: readonly string[];
  fromMs: number;
  toMs: number;
  /** Equal parts into which the span is cut. */
  buckets: number;
}

export interface BandsQuestion {
  kind: "bands";
  tags: readonly string[];
  fromMs: number;
  toMs: number;
}

/** Where a tag usually lies: p5 and p95 of its minute means. */
export interface Band {
  low: number;
  high: number;
}

export interface Answers {
  series: Series[];
  /** One for each tag; undefined where there is too little to say. */
  bands: (Band | undefined)[];
}

export type Question = SeriesQuestion | BandsQuestion;
export type AnswerTo<Q extends Question> = Answers[Q["kind"]];

/** What is not on disk yet, of one tag: its place in the site's tag table and its open minutes. */
export interface OpenTag {
  index: number;
  columns: BlockColumn[];
  panes: TagPane[];
}

export interface HistoryQueries {
  /**
   * @throws Fault FOG_HISTORY_BUSY when too many questions wait, FOG_HISTORY_SILENT when no answer comes.
   * An aborted question is taken back if nobody has begun with it.
   */
  ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<AnswerTo<Q>>;
  /** Why the newest question could not be answered, until one is again. */
  trouble?: () => string | undefined;
  close(): Promise<void>;
}
