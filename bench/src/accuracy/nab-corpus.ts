/**
 * The Numenta Anomaly Benchmark's files: 58 series with the windows in which something is wrong.
 *
 * @see Lavin, Ahmad, "Evaluating real-time anomaly detection algorithms", ICMLA 2015.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Indices of the first and last point of a labelled window. */
export interface Window {
  left: number;
  right: number;
}

export interface Series {
  /** "realTraffic/speed_6005.csv" */
  name: string;
  timesMs: Float64Array;
  values: Float64Array;
  /** In order of time. */
  windows: Window[];
  /** Points before this one are for learning only. */
  judgedFrom: number;
}

const probationShare = 0.15;
const probationCountMax = 750;

/** Undefined when `folder` (…/nab) is not there. */
export function readCorpus(folder: string): Series[] | undefined {
  const labelsFile = join(folder, "labels/combined_windows.json");
  if (!existsSync(labelsFile)) return undefined;
  const labels = JSON.parse(readFileSync(labelsFile, "utf8")) as Record<string, [string, string][]>;
  return Object.keys(labels)
    .sort()
    .map((name) => readSeries(join(folder, "data", name), name, labels[name] ?? []));
}

function readSeries(file: string, name: string, labels: [string, string][]): Series {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  const timesMs = new Float64Array(rows.length);
  const values = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const comma = row.indexOf(",");
    timesMs[i] = timeMsOf(row.slice(0, comma));
    values[i] = Number(row.slice(comma + 1));
  }
  const windows = labels.map(([from, to]) => ({
    left: timesMs.findIndex((timeMs) => timeMs >= timeMsOf(from)),
    right: timesMs.findLastIndex((timeMs) => timeMs <= timeMsOf(to)),
  }));
  const judgedFrom = Math.min(Math.floor(probationShare * rows.length), probationCountMax);
  return { name, timesMs, values, windows, judgedFrom };
}

/** The corpus has local times without a zone; any zone serves, as long as it is always the same. */
const timeMsOf = (text: string): number => Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`);

/** Scores that others published for each file, by detector. */
export function readPublished(
  folder: string,
  corpus: readonly Series[],
): Map<string, Float64Array[]> {
  const files = readdirSync(join(folder, "published")).filter((file) => file.endsWith(".json.gz"));
  return new Map(
    files.sort().map((file) => {
      const text = gunzipSync(readFileSync(join(folder, "published", file))).toString();
      const scores = JSON.parse(text) as Record<string, number[]>;
      return [
        file.replace(".json.gz", ""),
        corpus.map(({ name }) => Float64Array.from(scores[name] ?? [])),
      ];
    }),
  );
}
