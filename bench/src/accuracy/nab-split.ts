/** Chosen on one half of the files, tested on the other, both ways. */

import { createHash } from "node:crypto";
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import type { Report } from "../bench.ts";
import { type Choice, choose, scoresWith, surprisesOf } from "./nab-choice.ts";
import type { Series } from "./nab-corpus.ts";
import { profiles, scoreAtThresholds, scoreCorpus } from "./nab-score.ts";

type Scores = readonly Float64Array[];

const thresholdSplits = 10;
const choiceSplits = 3;
const goal = 70;

/** Positions in the corpus, dealt to two halves by a hash of the file's name and the number of the split. */
export function halvesOf(corpus: readonly Series[], split: number): [number[], number[]] {
  const key = (name: string) => createHash("sha256").update(`${split}/${name}`).digest("hex");
  const order = corpus
    .map(({ name }, at) => ({ at, key: key(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ at }) => at);
  return [order.slice(0, order.length >> 1), order.slice(order.length >> 1)];
}

/** Thresholds from one part, marks on another: one for each profile. */
function testOn(
  corpus: readonly Series[],
  scores: Scores,
  { chosenOn, testedOn }: { chosenOn: readonly number[]; testedOn: readonly number[] },
): number[] {
  const pick = <T>(all: readonly T[], files: readonly number[]) =>
    files.map((f) => elementAt(all, f));
  const best = scoreCorpus(pick(corpus, chosenOn), pick(scores, chosenOn));
  return scoreAtThresholds(
    pick(corpus, testedOn),
    pick(scores, testedOn),
    best.map(({ threshold }) => threshold),
  );
}

const mean = (marks: readonly number[]): number =>
  marks.reduce((sum, mark) => sum + mark, 0) / marks.length;

function rowOf(name: string, marks: readonly number[][]): string[] {
  const means = profiles.map((_, p) => mean(marks.map((one) => numberAt(one, p))).toFixed(1));
  const standard = marks.map((one) => numberAt(one, 0));
  return [
    name,
    ...means,
    `${Math.min(...standard).toFixed(1)}–${Math.max(...standard).toFixed(1)}`,
  ];
}

function bothWays(corpus: readonly Series[], splits: number) {
  return Array.from({ length: splits }, (_, split) => halvesOf(corpus, split)).flatMap(
    ([first, second]) => [
      { chosenOn: first, testedOn: second },
      { chosenOn: second, testedOn: first },
    ],
  );
}

export function reportSplit(
  report: Report,
  corpus: readonly Series[],
  options: { rows: readonly (readonly [string, Scores])[]; smoke: boolean },
): void {
  const parts = bothWays(corpus, options.smoke ? 1 : thresholdSplits);
  const rows = options.rows.map(([name, scores]) => {
    const marks = parts.map((part) => testOn(corpus, scores, part));
    return { row: rowOf(name, marks), standard: mean(marks.map((one) => numberAt(one, 0))) };
  });
  report.table(
    `Threshold chosen on one half of the files, tested on the other: means over ${parts.length} (splits by hash of the name, both ways)`,
    ["", ...profiles.map(({ name }) => name), "standard, worst–best half"],
    rows.map(({ row }) => row),
  );
  const own = elementAt(rows, 0).standard;
  report.line(
    "Chosen on the one half: the threshold, for every row alike. Weir's residuals, their lengths, the rule of the eighth record, the hours' habit and the alarm memory are the same for every file and were settled with all of them in view, as the other rows' parameters were by their authors.",
  );
  report.line(
    `goal: at least ${goal} on the half not chosen on; ${own.toFixed(1)}: ${own >= goal ? "kept" : "missed"}`,
  );
  reportChoice(report, corpus, options.smoke);
}

function reportChoice(report: Report, corpus: readonly Series[], smoke: boolean): void {
  const parts = bothWays(corpus, smoke ? 1 : choiceSplits);
  const trialCount = smoke ? 5 : 200;
  const surprises = surprisesOf(corpus);
  const everyFile = corpus.map((_, f) => f);
  const test = (choice: Choice, part: (typeof parts)[number]) =>
    testOn(corpus, scoresWith(surprises, choice, everyFile), part);
  const rows = parts.map((part, i) => {
    const choice = choose(corpus, surprises, { files: part.chosenOn, trialCount, seed: i });
    const { step, holdLength, habitStep } = choice.memory;
    const chosen = `${choice.voices.join(", ")}; step ${step}, hold ${holdLength}, habit ${habitStep}`;
    return {
      marks: test(choice, part),
      chosen,
      name: `split ${(i >> 1) + 1}, chosen on ${i % 2 === 0 ? "first" : "second"} half`,
    };
  });
  report.table(
    `Voices, alarm memory and threshold chosen on one half (${trialCount} random combinations), tested on the other`,
    ["", ...profiles.map(({ name }) => name), "chosen"],
    [
      ...rows.map(({ name, marks, chosen }) => [
        name,
        ...marks.map((mark) => mark.toFixed(1)),
        chosen,
      ]),
      [
        "mean",
        ...profiles.map((_, p) => mean(rows.map(({ marks }) => numberAt(marks, p))).toFixed(1)),
        "",
      ],
    ],
  );
}
