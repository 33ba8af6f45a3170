/** Chosen on one half of the files, tested on the other, both ways. */
import { createHash } from "node:crypto";
import { createStreamingDetector } from "@weir/detectors/streaming-detector.ts";
import type { Report } from "../bench.ts";
import type { Series } from "./nab-corpus.ts";
import { scoreAtThresholds, scoreCorpus } from "./nab-score.ts";

export interface Halves {
  first: number[];
  second: number[];
}

/** Positions in the corpus, dealt to two halves by a hash of the file's name and the number of the split. */
export function halvesOf(corpus: readonly Series[], split: number): Halves {
  const key = (name: string) => createHash("sha256").update(`${split}/${name}`).digest("hex");
  const order = corpus
    .map(({ name }, at) => ({ at, key: key(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ at }) => at);
  const middle = order.length >> 1;
  return { first: order.slice(0, middle), second: order.slice(middle) };
}

export function reportSplit(
  report: Report,
  corpus: readonly Series[],
  options: { smoke: boolean },
) {
  void report;
  void corpus;
  void options;
  void createStreamingDetector;
  void scoreAtThresholds;
  void scoreCorpus;
}
