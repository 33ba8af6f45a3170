/**
 * Chooses voices and alarm memory from labels, to see what such a choice is worth on files that took no
 * part in it. Random combinations are scored; a voice stays when the combinations with it are on average
 * better than those without, and the setting with the best average is taken. Taking the one best
 * combination instead is worse on other files: it mostly picks luck.
 */

import { elementAt, f32, f64 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import {
  AlarmMemory,
  type AlarmMemoryOptions,
  alarmMemoryDoubles,
} from "@weir/detectors/streaming/alarm-memory.ts";
import { Surprise, surpriseSingles } from "@weir/detectors/streaming/surprise.ts";
import { alarmMemory, voices } from "@weir/detectors/streaming/voices.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Series } from "./nab-corpus.ts";
import { scoreCorpus } from "./nab-score.ts";

export interface Choice {
  /** Names of voices. */
  voices: string[];
  memory: AlarmMemoryOptions;
}

/** Surprises of each voice for each file, which do not depend on what is chosen. */
export type VoiceSurprises = ReadonlyMap<string, Float32Array[]>;

const warmupCount = 200;
const voicesMin = 4;

/** What may be chosen: each once less, as shipped, and once more. */
export const memories: readonly AlarmMemoryOptions[] = [
  alarmMemory,
  { ...alarmMemory, step: 0.6 },
  { ...alarmMemory, step: 1.4 },
  { ...alarmMemory, holdLength: 50 },
  { ...alarmMemory, holdLength: 130 },
  { ...alarmMemory, habitStep: 0.02 },
  { ...alarmMemory, habitStep: 0.08 },
];

export function surprisesOf(corpus: readonly Series[]): VoiceSurprises {
  return new Map(
    Object.entries(voices).map(([name, kind]) => [
      name,
      corpus.map(({ values, timesMs }) => {
        const surprise = new Surprise(kind, {
          doubles: new Float64Array(kind.doubles),
          singles: new Float32Array(kind.singles + surpriseSingles),
          bytes: new Uint8Array(kind.bytes),
        });
        return Float32Array.from(values, (value, i) => {
          const x = Math.fround(value - f64(values, 0));
          const found = surprise.of(x, f64(timesMs, i));
          surprise.learn(x, f64(timesMs, i));
          return i < warmupCount ? 0 : found;
        });
      }),
    ]),
  );
}

/** What the detector would score with other voices and another alarm memory. */
export function scoresWith(
  surprises: VoiceSurprises,
  choice: Choice,
  files: readonly number[],
): Float64Array[] {
  const chosen = choice.voices.map((name) => present(surprises.get(name)));
  return files.map((f) => {
    const memory = new AlarmMemory(new Float64Array(alarmMemoryDoubles), choice.memory);
    return Float64Array.from(elementAt(elementAt(chosen, 0), f), (_, i) => {
      let boldest = 0;
      for (const voice of chosen) boldest = Math.max(boldest, f32(elementAt(voice, f), i));
      const news = memory.news(boldest);
      memory.learn(boldest);
      return 1 - Math.exp(-news);
    });
  });
}

/** Chooses on the files given alone. */
export function choose(
  corpus: readonly Series[],
  surprises: VoiceSurprises,
  options: { files: readonly number[]; trialCount: number; seed: number },
): Choice {
  const { files, trialCount, seed } = options;
  const random = seeded(seed, "bench/accuracy/choice");
  const names = Object.keys(voices);
  const half = files.map((f) => elementAt(corpus, f));
  const byVoice = new Map(names.map((name) => [name, new Mean()]));
  const byMemory = new Map(memories.map((memory) => [memory, new Mean()]));
  const overall = new Mean();
  for (let trial = 0; trial < trialCount; trial++) {
    const order = names
      .map((name) => ({ name, key: random.uniform() }))
      .sort((a, b) => a.key - b.key);
    const count = voicesMin + random.integer(names.length - voicesMin + 1);
    const some = order.slice(0, count).map(({ name }) => name);
    const memory = elementAt(memories, random.integer(memories.length));
    const best = scoreCorpus(half, scoresWith(surprises, { voices: some, memory }, files));
    const mark = best.reduce((sum, { normalised }) => sum + normalised, 0) / best.length;
    for (const name of some) present(byVoice.get(name)).add(mark);
    present(byMemory.get(memory)).add(mark);
    overall.add(mark);
  }
  const kept = names.filter((name) => present(byVoice.get(name)).mean >= overall.mean);
  const memory = elementAt(
    [...byMemory].sort(([, a], [, b]) => b.mean - a.mean),
    0,
  )[0];
  return { voices: kept.length > 0 ? kept : names, memory };
}

class Mean {
  #count = 0;
  #sum = 0;

  add(x: number): void {
    this.#count += 1;
    this.#sum += x;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}
