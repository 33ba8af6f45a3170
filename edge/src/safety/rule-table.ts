/** All rules of an edge at work, and what they hold together: groups, outputs, bypasses. */

import { strict as assert } from "node:assert";
import { elementAt, u16 } from "@weir/contracts/elements.ts";
import type { Configuration, RuleSettings } from "../configuration/configuration.ts";
import type { SuppressedRule } from "../hand-over.ts";
import { BypassTable } from "./bypass-table.ts";
import { RuleState } from "./rule-state.ts";
import { noWrites, type WriteEffect } from "./safety-effect.ts";
import { emptyState, type LatchedState } from "./safety-state.ts";

export const hourMs = 3_600_000;

/** Time as the caller's clocks show it. */
export interface Instant {
  /** UTC of the plant clock. */
  nowMs: number;
  monotonicMs: number;
}

export class RuleTable {
  readonly configuration: Configuration;
  readonly states: readonly RuleState[];
  readonly bypasses: BypassTable;
  /** Latched rules whose trip nobody has been told of yet, oldest first. */
  readonly waiting: RuleState[] = [];
  /** Index of each rule's group, and how many rules of each group are latched. */
  readonly #groupOf: Uint16Array;
  readonly #latchedInGroup: Uint16Array;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    const { rules, tags } = configuration;
    this.states = rules.map((rule) => new RuleState(rule, tags));
    this.bypasses = new BypassTable(rules);
    const groups = [...new Set(rules.map(({ group }) => group))];
    this.#groupOf = Uint16Array.from(rules, ({ group }) => groups.indexOf(group));
    this.#latchedInGroup = new Uint16Array(groups.length);
  }

  find(id: string): RuleState | undefined {
    return this.states.find(({ rule }) => rule.id === id);
  }

  /** A rule is kept quiet while the cause of another is there, not for as long as that one is latched. */
  isSuppressed({ suppressedBy }: RuleSettings): boolean {
    for (const other of suppressedBy) if (this.#isQuieting(other)) return true;
    return false;
  }

  #isQuieting(rule: number): boolean {
    const { isLatched, isCauseSeen } = elementAt(this.states, rule);
    return isLatched && isCauseSeen;
  }

  /** Rules that are kept quiet now, by which, and since when. To be called about once a second. */
  suppressed(nowMs: number): SuppressedRule[] {
    return this.states.flatMap((state) => {
      const { rule } = state;
      if (!this.isSuppressed(rule)) {
        state.quietSinceMs = undefined;
        return [];
      }
      const sinceMs = state.quietSinceMs ?? nowMs;
      state.quietSinceMs = sinceMs;
      const by = rule.suppressedBy
        .filter((other) => this.#isQuieting(other))
        .map((other) => elementAt(this.states, other).rule.id);
      return [{ rule: rule.id, by, sinceMs, isBeyond: state.isCauseSeen }];
    });
  }

  /** Latches; the caller has filled in `state.fresh`. Returns what must be written, now. */
  latch(state: RuleState): readonly WriteEffect[] {
    assert(!state.isLatched, "a latched rule cannot trip");
    const group = u16(this.#groupOf, state.rule.index);
    state.isLatched = true;
    state.fresh.isWaiting = true;
    state.fresh.isFirstOut = this.#latchedInGroup[group] === 0;
    this.#latchedInGroup[group] = u16(this.#latchedInGroup, group) + 1;
    this.waiting.push(state);
    return this.writesOf(state);
  }

  /** A latch that was stored by an earlier process. */
  relatch(state: RuleState): void {
    state.isLatched = true;
    this.#latchedInGroup[u16(this.#groupOf, state.rule.index)] =
      u16(this.#latchedInGroup, u16(this.#groupOf, state.rule.index)) + 1;
  }

  unlatch(state: RuleState): void {
    assert(state.isLatched && !state.fresh.isWaiting);
    state.isLatched = false;
    state.latch = undefined;
    state.forget();
    this.#latchedInGroup[u16(this.#groupOf, state.rule.index)] =
      u16(this.#latchedInGroup, u16(this.#groupOf, state.rule.index)) - 1;
  }

  /** Writes of a latched rule: a boost does not move what a stop holds. */
  writesOf(state: RuleState): readonly WriteEffect[] {
    if (state.rule.action !== "boost") return state.writes;
    const free = state.writes.filter(({ output }) => this.holderOf(output) === state);
    return free.length === 0 ? noWrites : free;
  }

  /** The rule whose value an output must have: a latched stop before a latched boost. */
  holderOf(output: number): RuleState | undefined {
    let holder: RuleState | undefined;
    for (const state of this.states) {
      if (!state.isLatched || !state.rule.then.some((t) => t.output === output)) continue;
      if (state.rule.action !== "boost") return state;
      holder ??= state;
    }
    return holder;
  }

  /** What must be on disk. Every latch has its words. */
  capture(): LatchedState {
    assert(this.waiting.length === 0, "trips are told before they are stored");
    const state = emptyState();
    for (const { rule, latch, tripsMs, proofTest } of this.states) {
      if (latch) state.latches[rule.id] = latch;
      if (tripsMs.length > 0) state.tripsMs[rule.id] = tripsMs;
      if (proofTest) state.proofTests[rule.id] = proofTest;
      const bypass = this.bypasses.of(rule.index);
      if (bypass) state.bypasses[rule.id] = { by: bypass.by, reason: bypass.reason };
    }
    return state;
  }
}
