/**
 * The cause-and-effect table at work: a function of its state and one input at a time (a sample, an
 * order, the passing of time) to effects. It does no I/O and knows no clock; whoever calls it carries
 * the effects out in order.
 *
 * What never happens: a latch that opens without an accepted reset; a bypass that outlives its time;
 * a trip or reset that is reported before it is on disk.
 */
import { strict as assert } from "node:assert";
import { type Quality, reasons } from "../conditioning/quality.ts";
import type { Configuration, RuleSettings, TagSettings } from "../configuration/configuration.ts";
import type { Order } from "../hand-over.ts";
import { BypassTable } from "./bypass-table.ts";
import { RuleWatch } from "./rule-watch.ts";
import { bypassReport, noEffects, report, type SafetyEffect } from "./safety-effect.ts";
import { emptyState, type Latch, type LatchedState } from "./safety-state.ts";
import { beyondText, blindText, clearText } from "./trip-text.ts";

/** Time as the caller's clocks show it. */
export interface Instant {
  /** UTC of the plant clock. */
  nowMs: number;
  monotonicMs: number;
}

export interface Sample extends Instant {
  tag: number;
  value: number;
  quality: number;
  /** Code of `reasons`. */
  reason: number;
  /** UTC of the reading's slot. */
  sampledAtMs: number;
}

export const hourMs = 3_600_000;

type ResetOrder = Extract<Order, { kind: "reset-trip" }>;
type BypassOrder = Extract<Order, { kind: "set-bypass" }>;
type SimulateOrder = Extract<Order, { kind: "simulate-trip" }>;

export class Safety {
  readonly #configuration: Configuration;
  readonly #watches: RuleWatch[];
  /** Rules of each tag. */
  readonly #rulesOf: RuleSettings[][];
  readonly #latches: (Latch | undefined)[];
  readonly #tripsMs: number[][];
  readonly #bypasses: BypassTable;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    const { rules, tags } = configuration;
    this.#watches = rules.map((rule) => {
      const { min, max } = tags[rule.tag]!;
      return new RuleWatch({ rule, min, max });
    });
    this.#rulesOf = tags.map(() => []);
    for (const rule of rules) this.#rulesOf[rule.tag]!.push(rule);
    this.#latches = rules.map(() => undefined);
    this.#tripsMs = rules.map(() => []);
    this.#bypasses = new BypassTable(rules);
  }

  /** Takes up where the last process ended: latched outputs are written again, bypasses are over. */
  restore(state: LatchedState, at: Instant): SafetyEffect[] {
    const effects: SafetyEffect[] = [];
    for (const rule of this.#configuration.rules) {
      this.#latches[rule.index] = state.latches[rule.id];
      this.#tripsMs[rule.index] = (state.tripsMs[rule.id] ?? []).filter(
        (ms) => at.nowMs - ms < hourMs,
      );
      if (state.latches[rule.id]) effects.push(...this.#writes(rule));
    }
    const gone = Object.keys(state.latches).filter((id) => !this.#ruleOf(id));
    const ended = Object.entries(state.bypasses);
    if (gone.length + ended.length > 0) effects.push({ do: "persist" });
    for (const rule of gone) {
      const reason = "the configuration no longer has this rule";
      const value = { rule, accepted: true, by: "configuration", reason };
      effects.push(report(at.nowMs, { case: "tripReset", value }));
    }
    for (const [id, { by }] of ended) {
      effects.push(
        bypassReport(at.nowMs, {
          rule: id,
          active: false,
          by,
          reason: "ended by a restart",
          expiresAtMs: at.nowMs,
        }),
      );
    }
    return effects;
  }

  /** Every rule that writes an output latches: for a latch file that cannot be read. */
  latchAll(cause: string, at: Instant): SafetyEffect[] {
    return this.#configuration.rules
      .filter((rule) => rule.then.length > 0)
      .flatMap((rule) =>
        this.#trip(rule, { ...at, cause, value: Number.NaN, sampledAtMs: at.nowMs }),
      );
  }

  /** What must be on disk. */
  capture(): LatchedState {
    const state = emptyState();
    for (const { index, id } of this.#configuration.rules) {
      const latch = this.#latches[index];
      if (latch) state.latches[id] = latch;
      if (this.#tripsMs[index]!.length > 0) state.tripsMs[id] = this.#tripsMs[index]!;
      const bypass = this.#bypasses.of(index);
      if (bypass) state.bypasses[id] = { by: bypass.by, reason: bypass.reason };
    }
    return state;
  }

  /** One conditioned reading. Makes no garbage unless something happens. */
  sample(sample: Sample): readonly SafetyEffect[] {
    const rules = this.#rulesOf[sample.tag]!;
    if (rules.length === 0) return noEffects;
    let effects: SafetyEffect[] | undefined;
    for (const rule of rules) {
      const step = this.#sampleRule(rule, sample);
      if (step.length > 0) effects = effects === undefined ? [...step] : [...effects, ...step];
    }
    return effects ?? noEffects;
  }

  #sampleRule(rule: RuleSettings, sample: Sample): readonly SafetyEffect[] {
    const watch = this.#watches[rule.index]!;
    const wasBlind = watch.isBlind;
    const verdict = watch.step(sample.value, sample.quality, sample.monotonicMs);
    if (verdict === "none") return noEffects;
    if (verdict === "seeing")
      return rule.onBad === "hold" ? noEffects : [this.#sight(rule, sample)];
    if (verdict === "blind" && rule.onBad !== "trip") {
      return wasBlind || rule.onBad === "hold" ? noEffects : [this.#sight(rule, sample)];
    }
    if (this.#latches[rule.index]) return noEffects;
    if (this.#bypasses.isActive(rule.index, sample.monotonicMs)) return noEffects;
    if (this.#isSuppressed(rule)) {
      watch.forget();
      return noEffects;
    }
    const tag = this.#tagOf(rule);
    const cause =
      verdict === "blind"
        ? blindText(tag, reasons[sample.reason] ?? "unknown")
        : beyondText(rule, tag, sample.value);
    return this.#trip(rule, { ...sample, cause });
  }

  /** Time passes: bypasses end. */
  tick(at: Instant): readonly SafetyEffect[] {
    const ended = this.#bypasses.takeExpired(at.monotonicMs);
    if (ended.length === 0) return noEffects;
    return [
      { do: "persist" },
      ...ended.map(({ rule, bypass }) =>
        bypassReport(at.nowMs, {
          rule: this.#configuration.rules[rule]!.id,
          active: false,
          by: bypass.by,
          reason: "its time is over",
          expiresAtMs: at.nowMs,
        }),
      ),
    ];
  }

  latchedRules(): string[] {
    return this.#configuration.rules.filter((r) => this.#latches[r.index]).map((r) => r.id);
  }

  resettableRules(at: Instant): string[] {
    return this.#configuration.rules
      .filter((rule) => this.#latches[rule.index] && this.#refusal(rule, at) === undefined)
      .map((rule) => rule.id);
  }

  bypassedRules(at: Instant): string[] {
    return this.#configuration.rules
      .filter((rule) => this.#bypasses.isActive(rule.index, at.monotonicMs))
      .map((rule) => rule.id);
  }

  /** `veto`: a reason outside this table why nothing may be put back into service. */
  reset(order: ResetOrder, at: Instant, veto?: string): SafetyEffect[] {
    const rule = this.#ruleOf(order.rule);
    const latch = rule && this.#latches[rule.index];
    const refusal = !rule
      ? unknownRule(order.rule)
      : !latch
        ? `${rule.id} is not latched`
        : order.by === ""
          ? "a reset needs the name of who asks for it"
          : (veto ?? this.#refusal(rule, at));
    if (!rule || refusal !== undefined) {
      const reason = refusal ?? "";
      const value = { rule: order.rule, accepted: false, by: order.by, reason };
      return [
        report(at.nowMs, { case: "tripReset", value }),
        { do: "answer", ref: order.ref, accepted: false, reason },
      ];
    }
    this.#latches[rule.index] = undefined;
    this.#watches[rule.index]!.forget();
    return [
      { do: "persist" },
      ...this.#releases(rule),
      report(at.nowMs, {
        case: "tripReset",
        value: { rule: rule.id, accepted: true, by: order.by, reason: order.reason },
      }),
      { do: "answer", ref: order.ref, accepted: true, reason: `${rule.id} was reset` },
    ];
  }

  bypass(order: BypassOrder, at: Instant): SafetyEffect[] {
    const rule = this.#ruleOf(order.rule);
    const answer = (accepted: boolean, reason: string): SafetyEffect => ({
      do: "answer",
      ref: order.ref,
      accepted,
      reason,
    });
    if (!rule) return [answer(false, unknownRule(order.rule))];
    const result = order.active
      ? this.#bypasses.set(rule, order, at)
      : this.#bypasses.end(rule, at.monotonicMs);
    if (!result.ok) return [answer(false, result.reason)];
    if (!order.active) this.#watches[rule.index]!.forget();
    const { by, reason } = order;
    const { expiresAtMs } = result;
    return [
      { do: "persist" },
      bypassReport(at.nowMs, { rule: rule.id, active: order.active, by, reason, expiresAtMs }),
      answer(true, order.active ? `${rule.id} is bypassed` : `${rule.id} is armed again`),
    ];
  }

  /** A proof test: the whole chain acts, flagged as simulated. */
  simulate(order: SimulateOrder, at: Instant, veto?: string): SafetyEffect[] {
    const rule = this.#ruleOf(order.rule);
    const refusal = !rule
      ? unknownRule(order.rule)
      : this.#latches[rule.index]
        ? `${rule.id} is latched already`
        : this.#bypasses.isActive(rule.index, at.monotonicMs)
          ? `${rule.id} is bypassed`
          : veto;
    const answer = { do: "answer", ref: order.ref } as const;
    if (!rule || refusal !== undefined) {
      return [{ ...answer, accepted: false, reason: refusal ?? "" }];
    }
    const cause = `simulated by ${order.by}: ${order.reason}`;
    return [
      ...this.#trip(rule, {
        ...at,
        cause,
        value: Number.NaN,
        sampledAtMs: at.nowMs,
        isSimulated: true,
      }),
      { ...answer, accepted: true, reason: `${rule.id} tripped` },
    ];
  }

  #trip(
    rule: RuleSettings,
    trip: Instant & { cause: string; value: number; sampledAtMs: number; isSimulated?: boolean },
  ): SafetyEffect[] {
    assert(!this.#latches[rule.index], "a latched rule cannot trip");
    const { nowMs, cause, value, sampledAtMs, isSimulated = false } = trip;
    const isFirstOut = !this.#configuration.rules.some(
      (other) => other.group === rule.group && this.#latches[other.index],
    );
    this.#latches[rule.index] = { atMs: nowMs, cause, value, isFirstOut, isSimulated };
    const trips = this.#tripsMs[rule.index]!.filter((ms) => nowMs - ms < hourMs);
    this.#tripsMs[rule.index] = [...trips, nowMs];
    const tag = this.#tagOf(rule);
    const body = {
      case: "trip" as const,
      value: {
        rule: rule.id,
        group: rule.group,
        tag: tag.id,
        stage: tag.stage,
        cause,
        value,
        limit: rule.limit,
        firstOut: isFirstOut,
        sampledAtMs,
        outputs: rule.then.map(({ output }) => this.#configuration.outputs[output]!.id),
        simulated: isSimulated,
      },
    };
    return [...this.#writes(rule), { do: "persist" }, report(nowMs, body)];
  }

  #writes(rule: RuleSettings): SafetyEffect[] {
    return rule.then.map(({ output, value }) => ({ do: "write", output, value, rule: rule.index }));
  }

  /** Outputs that no other latched rule holds. */
  #releases(rule: RuleSettings): SafetyEffect[] {
    const isHeld = (output: number) =>
      this.#configuration.rules.some(
        (other) => this.#latches[other.index] && other.then.some((t) => t.output === output),
      );
    return rule.then
      .filter(({ output }) => !isHeld(output))
      .map(({ output, afterReset }) => ({
        do: "release",
        output,
        value: afterReset,
        rule: rule.index,
      }));
  }

  #refusal(rule: RuleSettings, at: Instant): string | undefined {
    const watch = this.#watches[rule.index]!;
    const tag = this.#tagOf(rule);
    if (!watch.isClear) {
      return watch.isBlind
        ? `the cause cannot be checked: ${tag.id} has no good reading`
        : `the cause is not gone: ${tag.id} must be ${clearText(rule, tag)}`;
    }
    const recent = this.#tripsMs[rule.index]!.filter((ms) => at.nowMs - ms < hourMs);
    if (recent.length <= rule.tripsPerHourMax) return undefined;
    const waitMin = Math.ceil((recent[0]! + hourMs - at.nowMs) / 60_000);
    return `${recent.length} trips within an hour, at most ${rule.tripsPerHourMax} are allowed: find the cause; next reset in ${waitMin} min`;
  }

  #isSuppressed = (rule: RuleSettings): boolean =>
    rule.suppressedBy.some((other) => this.#latches[other] !== undefined);

  /** Tells that a rule lost or regained sight of its tag. */
  #sight(rule: RuleSettings, sample: Sample): SafetyEffect {
    const tag = this.#tagOf(rule);
    const why = reasons[sample.reason] || "no longer usable";
    const isBlind = this.#watches[rule.index]!.isBlind;
    const reason = isBlind ? `${rule.id} is blind: ${why}` : `${rule.id} sees its tag again`;
    const value = { tag: tag.id, quality: sample.quality as Quality, reason };
    return report(sample.nowMs, { case: "quality", value });
  }

  #tagOf = (rule: RuleSettings): TagSettings => this.#configuration.tags[rule.tag]!;

  #ruleOf = (id: string): RuleSettings | undefined =>
    this.#configuration.rules.find((rule) => rule.id === id);
}

const unknownRule = (id: string): string => `there is no rule "${id}"`;
