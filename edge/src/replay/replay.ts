/**
 * Recorded readings through a configuration's conditioning, safety and detection: what would have tripped
 * and what would have been told. Nothing is written anywhere; trips are reset as soon as they could be.
 */
import { elementAt, f64, u8, u16 } from "@weir/contracts/elements.ts";
import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { Quality, reason } from "../conditioning/quality.ts";
import type { Configuration, TagSettings } from "../configuration/configuration.ts";
import { ReadingCollector } from "../control/reading-collector.ts";
import { ReadingPath } from "../control/reading-path.ts";
import { alertText } from "../detection/alert-text.ts";
import { Detection } from "../detection/detection.ts";
import { Safety } from "../safety/safety.ts";
import type { SafetyEffect } from "../safety/safety-effect.ts";
import type { Recording } from "./recording.ts";

export interface Replayed {
  readings: number;
  fromMs: number;
  toMs: number;
  trips: ReplayedTrip[];
  alerts: ReplayedAlert[];
  /** Tags whose readings lie further apart than configured, with the usual distance. */
  sparse: { tag: string; everyMs: number; configuredMs: number }[];
  /** Tags without any reading that a safety rule or a detection rule looks at. */
  unseen: string[];
}

export interface ReplayedTrip {
  atMs: number;
  rule: string;
  tag: string;
  cause: string;
}

export interface ReplayedAlert {
  atMs: number;
  tag: string;
  /** "delta" */
  rule: string;
  text: string;
}

/** Between two looks for stale tags and for trips that could be reset, plant time. */
const sweepEveryMs = 1_000;
/** In a gap of the recording it is looked so often; what is stale by then stays so. */
const sweepsPerGapMax = 120;
const stalePeriods = 3;

class ReplayClock implements Clock {
  atMs = 0;
  nowMs = (): number => this.atMs;
  monotonicMs = (): number => this.atMs;
  after = () => () => {};
  sleep = () => Promise.resolve();
}

export function replay(original: Configuration, recording: Recording): Replayed {
  return new Replay(original, recording).run();
}

class Replay {
  readonly #recording: Recording;
  readonly #clock = new ReplayClock();
  readonly #safety: Safety;
  readonly #path: ReadingPath;
  readonly #collector = new ReadingCollector();
  readonly #result: Replayed;

  constructor(original: Configuration, recording: Recording) {
    const everyMs = usualDistances(original.tags.length, recording);
    const configuration = forReplay(original, everyMs);
    this.#recording = recording;
    this.#clock.atMs = recording.timesMs[0] ?? 0;
    this.#result = {
      readings: recording.count,
      fromMs: recording.timesMs[0] ?? 0,
      toMs: recording.timesMs[recording.count - 1] ?? 0,
      trips: [],
      alerts: [],
      sparse: original.tags.flatMap(({ id, index, periodMs }) =>
        f64(everyMs, index) > 1.5 * periodMs
          ? [{ tag: id, everyMs: f64(everyMs, index), configuredMs: periodMs }]
          : [],
      ),
      unseen: unseenTags(original, everyMs),
    };
    this.#safety = new Safety(configuration);
    const detection = new Detection({
      tags: configuration.tags,
      zone: configuration.site.tz,
      raise: (change) => {
        if (!change.isActive) return;
        const tag = elementAt(configuration.tags, change.tag);
        this.#result.alerts.push({
          atMs: this.#clock.atMs,
          tag: tag.id,
          rule: ruleName(change.rule),
          text: alertText(change, tag),
        });
      },
    });
    this.#path = new ReadingPath({
      configuration,
      clock: this.#clock,
      ioClock: this.#clock,
      safety: this.#safety,
      detection,
      collector: this.#collector,
      onAnswer: () => {},
      act: () => {},
      settle: () => this.#note(this.#safety.conclude()),
      report: () => {},
    });
  }

  run(): Replayed {
    const { count, timesMs, tags, values, qualities } = this.#recording;
    const clock = this.#clock;
    const path = this.#path;
    let sweptMs = clock.atMs;
    for (let i = 0; i < count; ) {
      const atMs = f64(timesMs, i);
      for (let n = 0; atMs - sweptMs >= sweepEveryMs && n < sweepsPerGapMax; n++) {
        sweptMs += sweepEveryMs;
        clock.atMs = sweptMs;
        this.#sweep();
      }
      if (atMs - sweptMs >= sweepEveryMs) sweptMs = atMs;
      clock.atMs = atMs;
      path.begin(0);
      for (; i < count && timesMs[i] === atMs; i++) {
        const quality = u8(qualities, i);
        if (quality >= Quality.BAD) path.miss(u16(tags, i), reason.deviceFailure, atMs);
        else path.take(u16(tags, i), f64(values, i), atMs);
      }
      path.end();
      this.#collector.take();
    }
    return this.#result;
  }

  #sweep(): void {
    this.#path.sweep();
    const at = { nowMs: this.#clock.atMs, monotonicMs: this.#clock.atMs };
    for (const rule of this.#safety.resettableRules(at)) {
      this.#safety.reset({ kind: "reset-trip", ref: "", rule, by: "replay", reason: "replay" }, at);
    }
  }

  #note(effects: readonly SafetyEffect[]): void {
    for (const effect of effects) {
      if (effect.do !== "report" || effect.event.body?.case !== "trip") continue;
      const { rule = "", tag = "", cause = "" } = effect.event.body.value;
      this.#result.trips.push({ atMs: effect.event.atMs, rule, tag, cause });
    }
  }
}

/** Recorded values are values already, and may be thinner than what the agent reads. */
function forReplay(configuration: Configuration, everyMs: Float64Array): Configuration {
  const asRecorded = (tag: TagSettings): TagSettings => {
    const periodMs = Math.max(tag.periodMs, f64(everyMs, tag.index));
    return {
      ...tag,
      type: "float64",
      scale: 1,
      offset: 0,
      mask: undefined,
      map: undefined,
      signal: "direct",
      resolution: 0,
      periodMs,
      staleAfterMs: Math.max(tag.staleAfterMs, stalePeriods * periodMs),
    };
  };
  // A reset is asked for again and again: how often that may be is no question of the past.
  const rules = configuration.rules.map((rule) => ({ ...rule, tripsPerHourMax: 1_000_000 }));
  return { ...configuration, tags: configuration.tags.map(asRecorded), rules };
}

/** The median distance of each tag's first readings; 0 where it has none. */
function usualDistances(
  count: number,
  { timesMs, tags, count: readings }: Recording,
): Float64Array {
  const distances = Array.from({ length: count }, (): number[] => []);
  const lastMs = new Float64Array(count).fill(Number.NaN);
  let open = count;
  for (let i = 0; i < readings && open > 0; i++) {
    const tag = u16(tags, i);
    const known = elementAt(distances, tag);
    if (known.length >= distancesMax) continue;
    const distance = f64(timesMs, i) - f64(lastMs, tag);
    lastMs[tag] = f64(timesMs, i);
    if (distance > 0 && known.push(distance) === distancesMax) open--;
  }
  return Float64Array.from(
    distances,
    (known) => known.sort((a, b) => a - b)[known.length >> 1] ?? 0,
  );
}

const distancesMax = 101;

function unseenTags({ tags, rules }: Configuration, everyMs: Float64Array): string[] {
  const isLooked = ({ index, detect }: TagSettings) =>
    rules.some((rule) => rule.tag === index || rule.vote.tags.includes(index)) ||
    Object.entries(detect).some(([key, rule]) => key !== "bounds" && key !== "boost" && rule);
  return tags.filter((tag) => everyMs[tag.index] === 0 && isLooked(tag)).map(({ id }) => id);
}

function ruleName(rule: AlertRule): string {
  const name = Object.entries(AlertRule).find(([, value]) => value === rule)?.[0] ?? "unknown";
  return name.toLowerCase().replaceAll("_", " ");
}
