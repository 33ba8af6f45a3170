/**
 * What the console is told as it happens: of each kind at most one message a second of real time, and a beat
 * every second whatever else there is.
 */
import type { CloudLiveMessage } from "@weir/contracts/api/cloud.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";

/** What is read and sent when it changes; the beat comes by itself. */
export type LiveKind = Exclude<CloudLiveMessage["kind"], "beat">;

export interface LiveFeed {
  /** Something of this kind has changed. */
  touch(kind: LiveKind): void;
  /** Sends everything once, then what changes; nothing is computed while nobody follows. */
  follow(listener: (message: CloudLiveMessage) => void): Cancel;
  /** Where messages are read from; given once, when the tier is connected. */
  readFrom(source: (kind: LiveKind) => CloudLiveMessage): void;
  stop(): void;
}

/** Least time between two messages of one kind, milliseconds of real time. */
const tickMs = 1_000;
/** The fleet's figures (rates, ages) change by themselves: they are sent at this tick anyway. */
const fleetTicks = 2;

const kinds: readonly LiveKind[] = ["fleet", "training", "models", "tickets"];

export function createLiveFeed(io: Clock, plant: Clock): LiveFeed {
  let read: ((kind: LiveKind) => CloudLiveMessage) | undefined;
  const listeners = new Set<(message: CloudLiveMessage) => void>();
  const touched = new Set<LiveKind>();
  let ticks = 0;
  const beat = (): CloudLiveMessage => ({
    ...{ kind: "beat", atMs: io.nowMs(), plantNowMs: plant.nowMs() },
  });
  const stop = every(io, tickMs, () => {
    // First: a page must know that its server lives even where a picture cannot be made.
    for (const listener of listeners) listener(beat());
    if (++ticks % fleetTicks === 0) touched.add("fleet");
    if (listeners.size === 0 || !read) {
      touched.clear();
      return;
    }
    for (const kind of touched) {
      const message = read(kind);
      for (const listener of listeners) listener(message);
    }
    touched.clear();
  });
  return {
    touch: (kind) => void touched.add(kind),
    follow(listener) {
      listeners.add(listener);
      listener(beat());
      if (read) for (const kind of kinds) listener(read(kind));
      return () => listeners.delete(listener);
    },
    readFrom(source) {
      read = source;
    },
    stop,
  };
}
