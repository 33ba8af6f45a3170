/** How long trainings take, and how long the running one still will. */
import { numberAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { TrainingKind } from "./training-book.ts";

/** Durations that are remembered of each kind. */
const rememberedMax = 20;
/** Below this share of a training its speed says nothing yet. */
const shareMin = 0.05;

export interface TrainingPace {
  begin(kind: TrainingKind): void;
  /** Share of the running training that is done, 0…1. */
  reached(share: number): void;
  end(): void;
  /** Real milliseconds that the running training still takes; null while nothing runs or that is unknown. */
  leftMs(): number | null;
}

/** `io`: real time. */
export function createTrainingPace(io: Clock): TrainingPace {
  const durations = new Map<TrainingKind, number[]>();
  let running: { kind: TrainingKind; atMs: number; share: number } | undefined;
  return {
    begin(kind) {
      running = { kind, atMs: io.monotonicMs(), share: 0 };
    },
    reached(share) {
      if (running) running.share = share;
    },
    end() {
      if (!running) return;
      const list = durations.get(running.kind) ?? [];
      list.push(io.monotonicMs() - running.atMs);
      durations.set(running.kind, list.slice(-rememberedMax));
      running = undefined;
    },
    leftMs() {
      if (!running) return null;
      const elapsedMs = io.monotonicMs() - running.atMs;
      if (running.share >= shareMin) return (elapsedMs * (1 - running.share)) / running.share;
      const list = durations.get(running.kind) ?? [];
      if (list.length === 0) return null;
      const usualMs = numberAt(
        list.toSorted((a, b) => a - b),
        list.length >> 1,
      );
      return Math.max(0, usualMs - elapsedMs);
    },
  };
}
