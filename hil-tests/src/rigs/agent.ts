/** The edge's own control loop on the rig's wires, and what was seen of it. */

import { elementAt, f64, u16 } from "@weir/contracts/elements.ts";
import { channelOf } from "@weir/edge/acquisition/connection-types.ts";
import { Quality } from "@weir/edge/conditioning/quality.ts";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { type Control, createControl } from "@weir/edge/control/control-loop.ts";
import type { ControlStatus, EventFields, ReadingBatch } from "@weir/edge/hand-over.ts";
import type { LatchStore } from "@weir/edge/safety/latch-store.ts";
import { type Clock, systemClock } from "@weir/runtime/clock.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tapped, type WireNote } from "./wire-tap.ts";

export interface PointRecord {
  tag: string;
  low: number;
  high: number;
  count: number;
  good: number;
  /** Good by the edge's own judgement, and outside what this rig expects. */
  wrong: { value: number; atMs: number }[];
  lowest: number;
  highest: number;
  /** I/O clock. */
  firstMs: number;
  lastGoodMs: number;
}

export type Expectation = (tag: string) => readonly [number, number] | undefined;

export interface SeenEvent {
  /** I/O clock. */
  atMs: number;
  event: EventFields;
}

/** Nothing survives: every run begins without trips. */
const forgetful: LatchStore = {
  load: () => ({ ok: true, state: undefined }),
  save: (_, settled) => settled({ ok: true }),
};

const wrongKeptMax = 20;
const lookEveryMs = 5;

export class Agent {
  readonly points: PointRecord[];
  readonly events: SeenEvent[] = [];
  readonly wire: WireNote[] = [];
  status: ControlStatus | undefined;
  /** Share of the time in use by connection, one figure a status. */
  readonly utilisation = new Map<string, number[]>();
  readonly #control: Control;
  readonly #clock: Clock = systemClock();

  constructor(configuration: Configuration, expect: Expectation) {
    this.points = configuration.tags.map((tag) => {
      const [low, high] = expect(tag.id) ?? [tag.min, tag.max];
      const none = { count: 0, good: 0, wrong: [], firstMs: Number.NaN, lastGoodMs: Number.NaN };
      return { tag: tag.id, low, high, ...none, lowest: Infinity, highest: -Infinity };
    });
    this.#control = createControl({
      configuration,
      clock: this.#clock,
      ioClock: this.#clock,
      channelFor: (connection) =>
        tapped(channelOf(connection), { connection, clock: this.#clock, notes: this.wire }),
      latchStore: forgetful,
      notify: (notice) => {
        if (notice.kind === "readings") this.#take(notice.batch);
        else if (notice.kind === "status") this.#look(notice.status);
        else if (notice.kind === "event") {
          this.events.push({ atMs: this.#clock.monotonicMs(), event: notice.event });
        }
      },
      logger: createLogger({ level: "error", json: false, nowMs: () => 0, write: () => {} }),
      random: seeded(1, "hil"),
    });
  }

  start(): void {
    this.#control.start();
  }

  stop(): void {
    this.#control.stop();
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  sleep(ms: number): Promise<void> {
    return this.#clock.sleep(ms);
  }

  /** The first event from `fromMs` on that fits; undefined when `withinMs` pass without it. */
  async event(
    fits: (event: EventFields) => boolean,
    { withinMs, fromMs = 0 }: { withinMs: number; fromMs?: number },
  ): Promise<SeenEvent | undefined> {
    const endMs = this.nowMs() + withinMs;
    for (;;) {
      const found = this.events.find(({ atMs, event }) => atMs >= fromMs && fits(event));
      if (found !== undefined || this.nowMs() > endMs) return found;
      await this.sleep(lookEveryMs);
    }
  }

  #look(status: ControlStatus): void {
    this.status = status;
    for (const { id = "", utilisation = 0 } of status.buses) {
      this.utilisation.set(id, [...(this.utilisation.get(id) ?? []), utilisation]);
    }
  }

  #take({ tags, values, qualities, timesMs }: ReadingBatch): void {
    const nowMs = this.nowMs();
    for (let i = 0; i < tags.length; i++) {
      const point = elementAt(this.points, u16(tags, i));
      const value = f64(values, i);
      if (point.count++ === 0) point.firstMs = nowMs;
      if (qualities[i] !== Quality.GOOD) continue;
      point.good++;
      point.lastGoodMs = nowMs;
      point.lowest = Math.min(point.lowest, value);
      point.highest = Math.max(point.highest, value);
      if (value >= point.low && value <= point.high) continue;
      if (point.wrong.length < wrongKeptMax) point.wrong.push({ value, atMs: timesMs[i] ?? 0 });
    }
  }
}
