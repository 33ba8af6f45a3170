/** One part of the way of a reading, measured in a thread of its own: no part warms up another's code. */

import { parentPort, workerData } from "node:worker_threads";
import { elementAt, f64, u16 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { BlockReader } from "@weir/edge/acquisition/modbus/block-reader.ts";
import type { ReadingSink } from "@weir/edge/acquisition/source.ts";
import type { Configuration, DetectSettings } from "@weir/edge/configuration/configuration.ts";
import { ReadingCollector } from "@weir/edge/control/reading-collector.ts";
import { ReadingPath } from "@weir/edge/control/reading-path.ts";
import { Detection } from "@weir/edge/detection/detection.ts";
import { Safety } from "@weir/edge/safety/safety.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { worksConfigurations } from "../accuracy/works-configuration.ts";
import { cpuMs } from "./cpu-time.ts";
import { type RecordedBlock, recordWorks } from "./recorded-works.ts";

const seed = 1;
const secondMs = 1_000;

type Rules = Pick<DetectSettings, "delta" | "z" | "stuck" | "noise" | "spike" | "stream">;

const none: Rules = {
  delta: undefined,
  z: undefined,
  stuck: undefined,
  noise: undefined,
  spike: undefined,
  stream: undefined,
};
export const all = {
  delta: { max: 1e9, windowMs: 30_000 },
  z: { max: 4, sigmaMin: 0, learnMs: 48 * 3_600_000 },
  stuck: { afterMs: undefined, unlessZero: undefined },
  noise: { ratio: 3 },
  spike: { perDay: 12 },
  stream: { threshold: 0.9, everyMs: 300_000 },
} as const satisfies Rules;

class SteppedClock implements Clock {
  ms = 0;
  nowMs = (): number => this.ms;
  monotonicMs = (): number => this.ms;
  after = (): never => notHere();
  sleep = (): never => notHere();
}

const notHere = (): never => {
  throw new TypeError("nothing waits on a stepped clock");
};

type Run = (readingCount: number) => number;

/** All of it, with the rules of `settings` on every tag that has readings enough for them. */
function wholePath(
  configuration: Configuration,
  recorded: readonly RecordedBlock[],
  settings: Rules,
): { run: Run; detection: Detection } {
  const clock = new SteppedClock();
  const withRules: Configuration = {
    ...configuration,
    tags: configuration.tags.map((tag) => ({
      ...tag,
      detect: {
        ...tag.detect,
        ...settings,
        delta: settings.delta && { ...settings.delta, windowMs: 30 * tag.periodMs },
      },
    })),
  };
  const safety = new Safety(withRules);
  const detection = new Detection({ tags: withRules.tags, raise: () => {} });
  const collector = new ReadingCollector();
  const path = new ReadingPath({
    configuration: withRules,
    clock,
    ioClock: clock,
    safety,
    detection,
    collector,
    onAnswer: () => {},
    act: () => {},
    settle: () => {},
    report: () => {},
  });
  const run = player(recorded, {
    configuration: withRules,
    sinkOf: () => path,
    each: (ms) => {
      clock.ms = ms;
    },
    count: () => {
      const before = collector.acquired;
      collector.take();
      return before;
    },
  });
  return { run, detection };
}

interface PlayOptions {
  configuration: Configuration;
  sinkOf: () => ReadingSink;
  each: (ms: number) => void;
  /** Readings so far. */
  count: () => number;
}

/** Plays the recording to and fro; returns how many readings it has given. */
function player(recorded: readonly RecordedBlock[], options: PlayOptions): Run {
  const seconds = elementAt(recorded, 0).answers.length;
  const readers = new Map(
    options.configuration.connections.map(({ index }) => [
      index,
      new BlockReader(options.configuration, index, options.sinkOf()),
    ]),
  );
  const plays = recorded.map(({ connection, block, answers }) => ({
    reader: present(readers.get(connection)),
    block,
    answers,
  }));
  const answer = { bytes: new Uint8Array(0), dataAt: 0, slotMs: 0 };
  let second = 0;
  let ms = 1_780_000_000_000;
  return (readingCount) => {
    const before = options.count();
    let done = before;
    while (done - before < readingCount) {
      const turn = second % (2 * seconds);
      const at = turn < seconds ? turn : 2 * seconds - 1 - turn;
      second++;
      ms += secondMs;
      options.each(ms);
      answer.slotMs = ms;
      for (let i = 0; i < plays.length; i++) {
        const play = elementAt(plays, i);
        const bytes = play.answers[at];
        if (bytes === undefined) continue;
        answer.bytes = bytes;
        play.reader.read(play.block, answer);
      }
      done = options.count();
    }
    return done - before;
  };
}

/** Only the decoding: every number read from its registers and put into a column. */
function decodeOnly(configuration: Configuration, recorded: readonly RecordedBlock[]): Run {
  const values = new Float64Array(configuration.tags.length);
  let count = 0;
  const sink: ReadingSink = {
    begin: () => {},
    deviceStatus: () => {},
    take: (tag, raw) => {
      values[tag] = raw;
      count++;
    },
    miss: () => {},
    end: () => {},
  };
  return player(recorded, {
    configuration,
    sinkOf: () => sink,
    each: () => {},
    count: () => count,
  });
}

/** The yardstick: a loop over the same columns that does nothing but add. */
function emptyLoop(tagCount: number): Run {
  const tags = Uint16Array.from({ length: 1_024 }, (_, i) => i % tagCount);
  const values = Float64Array.from(tags, (tag) => tag / 7);
  const sums = new Float64Array(tagCount);
  return (readingCount) => {
    let done = 0;
    while (done < readingCount) {
      for (let i = 0; i < tags.length; i++) {
        const tag = u16(tags, i);
        sums[tag] = f64(sums, tag) + f64(values, i);
      }
      done += tags.length;
    }
    return done;
  };
}

export interface Cost {
  ns: number;
  bytes: number;
}

/** Readings in one look at the heap: few enough that most looks see no collection. */
const lookReadings = 2_000;
const lookCount = 400;

/** Rounds of `chunk` readings, their median time; then short looks at what the heap grew by, their median. */
function measure(run: Run, { rounds, chunk }: { rounds: number; chunk: number }): Cost {
  const ns: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = cpuMs();
    const count = run(chunk);
    if (round >= rounds / 5) ns.push(((cpuMs() - before) * 1e6) / count);
  }
  const bytes: number[] = [];
  for (let look = 0; look < lookCount; look++) {
    const before = process.memoryUsage().heapUsed;
    const count = run(lookReadings);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) bytes.push(grown / count);
  }
  return { ns: median(ns), bytes: median(bytes) };
}

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** "loop", "decode", "none", "all", or the name of one rule. */
export interface RulesTask {
  part: string;
  rounds: number;
  chunk: number;
  seconds: number;
}

export interface RulesCost extends Cost {
  tagCount: number;
  stateBytes: number;
}

/** What runs one part: takes a count of readings, returns how many it gave. */
function runOf(part: string, seconds: number): { run: Run; tagCount: number; stateBytes: number } {
  const configuration = elementAt(worksConfigurations(), 0);
  const tagCount = configuration.tags.length;
  if (part === "loop") return { run: emptyLoop(tagCount), tagCount, stateBytes: 0 };
  const recorded = recordWorks(configuration, { seed, seconds });
  if (part === "decode") {
    return { run: decodeOnly(configuration, recorded), tagCount, stateBytes: 0 };
  }
  const one = part in all ? { ...none, [part]: all[part as keyof Rules] } : none;
  const { run, detection } = wholePath(configuration, recorded, part === "all" ? all : one);
  return { run, tagCount, stateBytes: detection.stateBytes };
}

function carryOut({ part, seconds, ...size }: RulesTask): RulesCost {
  const { run, tagCount, stateBytes } = runOf(part, seconds);
  return { ...measure(run, size), tagCount, stateBytes };
}

if (parentPort) parentPort.postMessage(carryOut(workerData as RulesTask));
