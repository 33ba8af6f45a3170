/** What the trainer is about, and since when. */
import type { LearnerView } from "@weir/contracts/api/learning.ts";
import type { Clock } from "@weir/runtime/clock.ts";

export interface LearnerState {
  view(): LearnerView;
  /** A new reason does not begin the state anew. */
  say(state: LearnerView["state"], reason: string): void;
}

export function createLearnerState(plant: Clock, isAutomatic: boolean): LearnerState {
  let view: LearnerView = {
    state: isAutomatic ? "idle" : "off",
    sinceMs: plant.nowMs(),
    reason: isAutomatic ? "nothing to learn yet" : "training.automatic is false",
  };
  return {
    view: () => view,
    say(state, reason) {
      if (view.state === state && view.reason === reason) return;
      const sinceMs = view.state === state ? view.sinceMs : plant.nowMs();
      view = { state, sinceMs, reason };
    },
  };
}
