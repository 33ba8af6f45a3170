/**
 * How well the streaming detector finds labelled anomalies: the Numenta Anomaly Benchmark, with what
 * others published scored in the same run and detectors that know nothing beside.
 */

import { join } from "node:path";
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import type { Detector } from "@weir/detectors/detector.ts";
import { detectors } from "@weir/detectors/registry.ts";
import { createStreamingDetector } from "@weir/detectors/streaming-detector.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Bench, Report } from "../bench.ts";
import { cpuMs } from "../speed/cpu-time.ts";
import { readCorpus, readPublished, type Series } from "./nab-corpus.ts";
import { countEvents, wilson } from "./nab-events.ts";
import { type NabScore, profiles, scoreCorpus } from "./nab-score.ts";
import { reportSplit } from "./nab-split.ts";
import { trivialDetectors } from "./nab-trivial.ts";

const publishedNames: Readonly<Record<string, string>> = {
  ARTime: "ARTime, published scores",
  numenta: "Numenta HTM, published scores",
  contextOSE: "CAD OSE, published scores",
  randomCutForest: "random cut forest, published scores",
};
const ownName = "Weir, streaming detector";
const smokeFiles = 4;
const goal = 74.9;

type Scores = readonly Float64Array[];

/** Score, then learn, as at the edge; the file's own times. */
export function scoresOf(
  corpus: readonly Series[],
  create = createStreamingDetector,
): Float64Array[] {
  return corpus.map(({ values, timesMs }) => {
    const detector = create();
    return values.map((value, i) => {
      const score = detector.score(value, f64(timesMs, i));
      detector.learn(value, f64(timesMs, i));
      return score;
    });
  });
}

function nabRow(name: string, best: readonly NabScore[]): string[] {
  const threshold = elementAt(best, 0).threshold;
  const marks = best.map(({ normalised }) => normalised.toFixed(2));
  return [name, ...marks, Number.isFinite(threshold) ? threshold.toFixed(4) : "none"];
}

function eventRow(name: string, corpus: readonly Series[], scores: Scores, threshold: number) {
  const { windows, found, falseAlarms, sensorMonths, delayShares } = countEvents(
    corpus,
    scores,
    threshold,
  );
  const share = (hits: number, trials: number) => {
    if (trials === 0) return "–";
    const [low, high] = wilson(hits, trials).map((bound) => (100 * bound).toFixed(0));
    return `${((100 * hits) / trials).toFixed(0)} % (${low}–${high})`;
  };
  const delay = delayShares[delayShares.length >> 1];
  return [
    name,
    `${found} of ${windows}`,
    share(found, windows),
    share(found, found + falseAlarms),
    (falseAlarms / sensorMonths).toFixed(2),
    delay === undefined ? "–" : delay.toFixed(2),
  ];
}

function reportAccuracy(
  report: Report,
  corpus: readonly Series[],
  { published, smoke }: { published: Map<string, Scores>; smoke: boolean },
): void {
  const own = scoresOf(corpus);
  const rows: [string, Scores][] = [
    [ownName, own],
    ...[...published].map(([name, scores]): [string, Scores] => [
      publishedNames[name] ?? name,
      scores,
    ]),
    ...Object.entries(trivialDetectors).map(([name, of]): [string, Scores] => [name, of(corpus)]),
  ];
  const judged = rows.map(([name, scores]) => ({
    name,
    scores,
    best: scoreCorpus(corpus, scores),
  }));
  report.table(
    `Numenta Anomaly Benchmark, ${corpus.length} files, one parameter set, one pass, one threshold a profile`,
    ["", ...profiles.map(({ name }) => name), "threshold (standard)"],
    judged.map(({ name, best }) => nabRow(name, best)),
  );
  report.table(
    "The same alarms as events, at the threshold of the standard profile",
    [
      "",
      "anomalies found",
      "recall (95 %)",
      "precision (95 %)",
      "false alarms a sensor-month",
      "median place in the window",
    ],
    judged.map(({ name, scores, best }) =>
      eventRow(name, corpus, scores, Math.min(elementAt(best, 0).threshold, 1)),
    ),
  );
  report.line(
    "A detector that no threshold makes better than silence has 0 and its alarms are counted at 1. False alarms within an hour count once. Windows begin well before what they are about: 0.5 is its middle, where most of the labelled moments lie.",
  );
  reportThresholds(report, corpus, own);
  const mark = elementAt(elementAt(judged, 0).best, 0).normalised;
  report.line(
    `goal: more than ${goal} standard with fixed parameters; ${mark.toFixed(2)}: ${mark > goal ? "kept" : "missed"}`,
  );
  const others = rows.filter(([name]) => name in trivialDetectors === false);
  reportSplit(report, corpus, { rows: others, smoke });
}

/** What a threshold costs and gives, for those who set one. */
function reportThresholds(report: Report, corpus: readonly Series[], scores: Scores): void {
  report.table(
    "Weir at other thresholds",
    [
      "threshold",
      "anomalies found",
      "recall (95 %)",
      "precision (95 %)",
      "false alarms a sensor-month",
      "median place in the window",
    ],
    [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((threshold) =>
      eventRow(threshold.toFixed(2), corpus, scores, threshold),
    ),
  );
}

/** As many sensors by turns as the simulated works have: one alone would stay in the processor's cache. */
const sensorCount = 280;

/** Sensors with a day's rhythm and noise, five minutes apart. */
function reportCost(report: Report, readingCount: number): void {
  const kinds: readonly [string, () => Detector][] = Object.entries(detectors);
  const rows = kinds.map(([name, create]) => {
    const sensors = Array.from({ length: sensorCount }, () => create());
    const random = seeded(1, "bench/accuracy/cost");
    const perSensor = Math.ceil(readingCount / sensorCount);
    const rhythm = (i: number) => 20 + Math.sin((2 * Math.PI * i) / 288);
    const noise = Float64Array.from({ length: 4_096 }, () => 0.1 * random.gaussian());
    const startedMs = cpuMs();
    for (let i = 0; i < perSensor; i++) {
      for (let s = 0; s < sensorCount; s++) {
        const value = rhythm(i) + f64(noise, (i * 7 + s) % noise.length);
        elementAt(sensors, s).score(value, i * 300_000);
        elementAt(sensors, s).learn(value, i * 300_000);
      }
    }
    const perReadingUs = ((cpuMs() - startedMs) * 1_000) / (perSensor * sensorCount);
    const { stateBytes } = elementAt(sensors, 0);
    return [
      name,
      perReadingUs.toFixed(2),
      `${stateBytes}`,
      `${elementAt(sensors, 0).capture().length}`,
    ];
  });
  report.table(
    `Cost of a reading, scored and learned, ${sensorCount} sensors by turns, ${readingCount} readings (goal: at most 10 µs and 4096 bytes)`,
    ["", "CPU µs a reading", "bytes of state", "bytes captured"],
    rows,
  );
}

export const bench: Bench = {
  name: "accuracy",
  about: "streaming detector on the Numenta Anomaly Benchmark, beside published scores",
  async run({ smoke, report, dataDir }) {
    const folder = join(dataDir, "nab");
    const corpus = readCorpus(folder);
    reportCost(report, smoke ? 1_000 : 200_000);
    if (corpus === undefined) {
      report.line(
        `NO ACCURACY FIGURES: ${folder} is not there; name the folder of the data sets with --data DIR or WEIR_DATA`,
      );
      return;
    }
    const used = smoke
      ? corpus.filter(({ windows }) => windows.length > 1).slice(0, smokeFiles)
      : corpus;
    reportAccuracy(report, used, { published: readPublished(folder, used), smoke });
  },
};
