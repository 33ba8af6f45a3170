/** One rule at work: its channels, its latch, its trips. Numbers on the way to a trip; words come later. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { RuleSettings, TagSettings } from "../configuration/configuration.ts";
import { DeviationWatch } from "./deviation-watch.ts";
import { RuleWatch, type Verdict } from "./rule-watch.ts";
import type { WriteEffect } from "./safety-effect.ts";
import type { Latch, ProofTestRecord } from "./safety-state.ts";
import { voteOf } from "./vote.ts";

/** A trip that nobody has been told of yet. One for each rule, made beforehand. */
export interface FreshTrip {
  isWaiting: boolean;
  isBlind: boolean;
  channel: number;
  value: number;
  /** Code of `reasons`. */
  reason: number;
  nowMs: number;
  sampledAtMs: number;
  isFirstOut: boolean;
  isSimulated: boolean;
  /** Instead of what the numbers say. */
  cause: string | undefined;
}

/** What the machine did after a simulated trip, until somebody judges it. */
export interface Simulation {
  writtenAfterMs: number;
  verifiedAfterMs: number;
  verified: Set<number>;
  failed: Set<number>;
}

const counted = {
  blind: (watch: RuleWatch) => watch.isBlind,
  beyond: (watch: RuleWatch) => !watch.isBlind && watch.isBeyond,
  near: (watch: RuleWatch) => !watch.isBlind && !watch.isClear,
  seen: (watch: RuleWatch) => watch.isCauseSeen,
};

export class RuleState {
  readonly rule: RuleSettings;
  readonly watches: readonly RuleWatch[];
  readonly deviations: DeviationWatch | undefined;
  readonly writes: readonly WriteEffect[];
  isLatched = false;
  /** In words, once told. */
  latch: Latch | undefined;
  /** UTC of recent trips, oldest first. */
  tripsMs: readonly number[] = [];
  proofTest: ProofTestRecord | undefined;
  simulation: Simulation | undefined;
  /** UTC since when other rules keep this one quiet; undefined: none does. */
  quietSinceMs: number | undefined;
  readonly fresh: FreshTrip = {
    isWaiting: false,
    isBlind: false,
    channel: 0,
    value: 0,
    reason: 0,
    nowMs: 0,
    sampledAtMs: 0,
    isFirstOut: false,
    isSimulated: false,
    cause: undefined,
  };

  constructor(rule: RuleSettings, tags: readonly TagSettings[]) {
    this.rule = rule;
    this.watches = rule.vote.tags.map((tag) => {
      const { min, max } = elementAt(tags, tag);
      return new RuleWatch({ rule, min, max });
    });
    const isVote = this.watches.length > 1;
    this.deviations = isVote ? new DeviationWatch(this.watches, rule.vote.deviation) : undefined;
    this.writes = rule.then.map(({ output, value, overMs }) =>
      Object.freeze({ do: "write" as const, output, value, rule: rule.index, overMs }),
    );
  }

  get isVote(): boolean {
    return this.deviations !== undefined;
  }

  /** The cause could not be seen, even if it were there. */
  get isBlind(): boolean {
    if (!this.isVote) return elementAt(this.watches, 0).isBlind;
    return voteOf(this.rule.vote, 0, this.#count("blind")) === "blind";
  }

  /** The cause is gone, and would still be gone with every channel at the worst of its dead-band. */
  get isClear(): boolean {
    if (!this.isVote) return elementAt(this.watches, 0).isClear;
    return voteOf(this.rule.vote, this.#count("near"), this.#count("blind")) === "none";
  }

  /** Enough channels show that the cause is there. */
  get isCauseSeen(): boolean {
    if (!this.isVote) return elementAt(this.watches, 0).isCauseSeen;
    return voteOf(this.rule.vote, this.#count("seen"), this.#count("blind")) === "beyond";
  }

  /** One reading of one channel: what the rule makes of all of them. */
  step(channel: number, sample: { value: number; quality: number; monotonicMs: number }): Verdict {
    const verdict = elementAt(this.watches, channel).step(
      sample.value,
      sample.quality,
      sample.monotonicMs,
    );
    if (!this.isVote) return verdict;
    return voteOf(this.rule.vote, this.#count("beyond"), this.#count("blind"));
  }

  forget(): void {
    for (const watch of this.watches) watch.forget();
  }

  #count(what: keyof typeof counted): number {
    const is = counted[what];
    let count = 0;
    for (const watch of this.watches) if (is(watch)) count++;
    return count;
  }
}
