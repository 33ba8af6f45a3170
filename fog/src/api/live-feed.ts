/** What open pages are told each second: one picture for all of them, made only while somebody looks. */
import type { LiveMessage } from "@weir/contracts/api/fog.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";

/** The pages get a new picture this often, I/O clock. */
export const liveEveryMs = 1_000;

export type LiveListener = (message: LiveMessage) => void;

export interface LiveFeedOptions {
  /** When the next picture is due. */
  ioClock: Clock;
  plantClock: Clock;
  plant: () => Extract<LiveMessage, { kind: "plant" }>["plant"];
  edges: () => Extract<LiveMessage, { kind: "edges" }>["edges"];
}

export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #listeners = new Set<LiveListener>();
  #stop: Cancel | undefined;
  #picture: { atMs: number; messages: readonly LiveMessage[] } | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** Tells the newest picture at once, and each that follows until it is cancelled. */
  follow(listener: LiveListener): Cancel {
    listener(this.#beat());
    for (const message of this.#newest()) listener(message);
    this.#listeners.add(listener);
    this.#stop ??= every(this.#options.ioClock, liveEveryMs, () => this.#tick());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #tick(): void {
    // First: a page must know that its server lives even where a picture cannot be made.
    this.#tell([this.#beat()]);
    this.#tell(this.#make());
  }

  #tell(messages: readonly LiveMessage[]): void {
    for (const message of messages) for (const listener of this.#listeners) listener(message);
  }

  #newest(): readonly LiveMessage[] {
    const nowMs = this.#options.ioClock.monotonicMs();
    const { atMs = Number.NEGATIVE_INFINITY, messages = [] } = this.#picture ?? {};
    return nowMs - atMs < liveEveryMs ? messages : this.#make();
  }

  #make(): readonly LiveMessage[] {
    const { ioClock, plant, edges } = this.#options;
    const messages: LiveMessage[] = [
      { kind: "plant", plant: plant() },
      { kind: "edges", edges: edges() },
    ];
    this.#picture = { atMs: ioClock.monotonicMs(), messages };
    return messages;
  }

  #beat(): LiveMessage {
    const { ioClock, plantClock } = this.#options;
    return { kind: "beat", atMs: ioClock.nowMs(), plantNowMs: plantClock.nowMs() };
  }
}
