/**
 * The cause-and-effect table at work: a function of its state and one input at a time (a sample, an
 * order, the passing of time) to effects. It does no I/O and knows no clock.
 *
 * A sample gives only what must be written, made beforehand; words, the state to be stored and the
 * reports follow in `conclude`, once the writes are on the wire.
 *
 * What never happens: a latch that opens without an accepted reset; a bypass that outlives its time;
 * a trip or reset that is reported before it is on disk.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { LatchedTrip, Order, SafetyStanding, SuppressedRule } from "../hand-over.ts";
import { bypassOrder } from "./bypass-order.ts";
import { proofTestsOf, recordProofTest } from "./proof-test.ts";
import { resetRefusal, resetTrip } from "./reset-trip.ts";
import type { RuleState } from "./rule-state.ts";
import { hourMs, type Instant, RuleTable } from "./rule-table.ts";
import {
  bypassReport,
  noEffects,
  noWrites,
  report,
  type SafetyEffect,
  type WriteEffect,
} from "./safety-effect.ts";
import type { Bypass, LatchedState } from "./safety-state.ts";
import { type Note, noteEvent } from "./sight-note.ts";
import { noteOutcome, type OutputNews, simulateTrip } from "./simulate-trip.ts";
import { concludeTrip } from "./trip-report.ts";

export interface Sample extends Instant {
  tag: number;
  value: number;
  quality: number;
  /** Code of `reasons`. */
  reason: number;
  /** UTC of the reading's slot. */
  sampledAtMs: number;
}

type OrderOf<K extends Order["kind"]> = Extract<Order, { kind: K }>;

interface Channel {
  state: RuleState;
  channel: number;
}

export class Safety {
  readonly #table: RuleTable;
  /** What each tag is to the rules. */
  readonly #channelsOf: Channel[][];
  #notes: Note[] = [];

  constructor(configuration: Configuration) {
    this.#table = new RuleTable(configuration);
    this.#channelsOf = configuration.tags.map(() => []);
    for (const state of this.#table.states) {
      state.rule.vote.tags.forEach((tag, channel) => {
        elementAt(this.#channelsOf, tag).push({ state, channel });
      });
    }
  }

  /** One conditioned reading: what must be written, now. Makes no garbage unless something happens. */
  sample(sample: Sample): readonly WriteEffect[] {
    const channels = elementAt(this.#channelsOf, sample.tag);
    let writes = noWrites;
    for (let i = 0; i < channels.length; i++) {
      const { state, channel } = elementAt(channels, i);
      if (!this.#mustTrip(state, channel, sample)) continue;
      const { fresh } = state;
      fresh.isBlind = elementAt(state.watches, channel).isBlind;
      fresh.channel = channel;
      fresh.value = sample.value;
      fresh.reason = sample.reason;
      fresh.nowMs = sample.nowMs;
      fresh.sampledAtMs = sample.sampledAtMs;
      fresh.isSimulated = false;
      fresh.cause = undefined;
      const own = this.#table.latch(state);
      writes = writes.length === 0 ? own : [...writes, ...own];
    }
    return writes;
  }

  #mustTrip(state: RuleState, channel: number, sample: Sample): boolean {
    const { rule } = state;
    const watch = elementAt(state.watches, channel);
    const wasBlind = watch.isBlind;
    const verdict = state.step(channel, sample);
    if (state.deviations !== undefined && !watch.isMissing && state.deviations.step(channel)) {
      this.#note(state, channel, sample, "deviation");
    }
    if (watch.isBlind !== wasBlind && (state.isVote || rule.onBad !== "hold")) {
      if (!watch.isBlind && verdict !== "beyond") this.#note(state, channel, sample, "seeing");
      if (watch.isBlind && (state.isVote || rule.onBad === "alarm")) {
        this.#note(state, channel, sample, "blind");
      }
    }
    if (verdict === "none" || verdict === "seeing") return false;
    if (verdict === "blind" && !state.isVote && rule.onBad !== "trip") return false;
    if (state.isLatched) return false;
    if (this.#table.bypasses.isActive(rule.index, sample.monotonicMs)) return false;
    if (!this.#table.isSuppressed(rule)) return true;
    state.forget();
    return false;
  }

  #note(state: RuleState, channel: number, sample: Sample, what: Note["what"]): void {
    const { nowMs, quality, reason } = sample;
    this.#notes.push({ what, state, channel, nowMs, quality, reason });
  }

  /** The disk and the words for all that happened since the last call. Cheap when nothing did. */
  conclude(): readonly SafetyEffect[] {
    const { waiting, configuration } = this.#table;
    if (waiting.length === 0 && this.#notes.length === 0) return noEffects;
    const trips = waiting.splice(0).map((state) => concludeTrip(state, configuration));
    const notes = this.#notes.splice(0).map((note) => noteEvent(note, configuration));
    return trips.length === 0 ? notes : [{ do: "persist" }, ...trips, ...notes];
  }

  /** Time passes: bypasses end, and are told of while they last. */
  tick(at: Instant): readonly SafetyEffect[] {
    const { bypasses, states } = this.#table;
    this.#table.suppressed(at.nowMs);
    const ended = bypasses.takeExpired(at.monotonicMs);
    const lasting = bypasses.takeToBeTold(at.monotonicMs);
    if (ended.length + lasting.length === 0) return noEffects;
    const id = (rule: number) => elementAt(states, rule).rule.id;
    return [
      ...(ended.length > 0 ? [{ do: "persist" } as const] : []),
      ...ended.map(({ rule, bypass: { by } }) =>
        bypassReport(at.nowMs, {
          rule: id(rule),
          active: false,
          by,
          reason: "its time is over",
          expiresAtMs: at.nowMs,
        }),
      ),
      ...lasting.map(({ rule, bypass: { by, reason, untilMonotonicMs } }) => {
        const expiresAtMs = at.nowMs + untilMonotonicMs - at.monotonicMs;
        return bypassReport(at.nowMs, { rule: id(rule), active: true, by, reason, expiresAtMs });
      }),
    ];
  }

  /**
   * Takes up where the last process ended: latched outputs are written again, bypasses are over, but for
   * those that the same process carries over from another configuration.
   */
  restore(
    stored: LatchedState,
    at: Instant,
    carried: Readonly<Record<string, Bypass>> = {},
  ): SafetyEffect[] {
    const { states, bypasses } = this.#table;
    bypasses.adopt(carried);
    for (const state of states) {
      const { id } = state.rule;
      state.latch = stored.latches[id];
      state.proofTest = stored.proofTests[id];
      state.tripsMs = (stored.tripsMs[id] ?? []).filter((ms) => at.nowMs - ms < hourMs);
      if (state.latch) this.#table.relatch(state);
    }
    const effects: SafetyEffect[] = states
      .filter(({ isLatched }) => isLatched)
      .flatMap((state) => this.#table.writesOf(state));
    const gone = Object.keys(stored.latches).filter((id) => !this.#table.find(id));
    const ended = Object.entries(stored.bypasses).filter(([id]) => {
      const state = this.#table.find(id);
      return !state || !bypasses.of(state.rule.index);
    });
    if (gone.length + ended.length > 0) effects.push({ do: "persist" });
    for (const rule of gone) {
      const reason = "the configuration no longer has this rule";
      const value = { rule, accepted: true, by: "configuration", reason };
      effects.push(report(at.nowMs, { case: "tripReset", value }));
    }
    for (const [rule, { by }] of ended) {
      const isGone = !this.#table.find(rule);
      const reason = isGone ? "the configuration no longer has this rule" : "ended by a restart";
      effects.push(
        bypassReport(at.nowMs, { rule, active: false, by, reason, expiresAtMs: at.nowMs }),
      );
    }
    return effects;
  }

  /** Every rule that writes an output latches: for a latch file that cannot be read. */
  latchAll(cause: string, { nowMs }: Instant): SafetyEffect[] {
    const writes = this.#table.states
      .filter(({ rule, isLatched }) => rule.then.length > 0 && !isLatched)
      .flatMap((state) => {
        const told = { value: Number.NaN, nowMs, sampledAtMs: nowMs, isSimulated: false, cause };
        Object.assign(state.fresh, told);
        return this.#table.latch(state);
      });
    return [...writes, ...this.conclude()];
  }

  capture = (): LatchedState => this.#table.capture();

  captureBypasses = (): Record<string, Bypass> => this.#table.bypasses.capture();

  /** `veto`: a reason outside this table why nothing may be put back into service. */
  reset = (order: OrderOf<"reset-trip">, at: Instant, veto?: string): SafetyEffect[] =>
    resetTrip(this.#table, order, { ...at, veto });

  bypass = (order: OrderOf<"set-bypass">, at: Instant): SafetyEffect[] =>
    bypassOrder(this.#table, order, at);

  /** A proof test: the whole chain acts, flagged as simulated. */
  simulate(order: OrderOf<"simulate-trip">, at: Instant, veto?: string): SafetyEffect[] {
    const { writes, answer } = simulateTrip(this.#table, order, { ...at, veto });
    return [...writes, ...this.conclude(), answer];
  }

  recordProofTest = (order: OrderOf<"record-proof-test">, at: Instant): SafetyEffect[] =>
    recordProofTest(this.#table, order, at);

  /** Time from the deciding reading to the write of `rule`, I/O clock. */
  written(rule: number, afterMs: number): void {
    const { simulation } = elementAt(this.#table.states, rule);
    if (simulation) simulation.writtenAfterMs = afterMs;
  }

  /** What became of a write that `rule` asked for; proof tests are judged by it. */
  outcome = (rule: number, output: number, what: Omit<OutputNews, "output">): void =>
    noteOutcome(elementAt(this.#table.states, rule), { ...what, output });

  /** Whether a latched rule holds `output`. */
  isHeld = (output: number): boolean => this.#table.holderOf(output) !== undefined;

  latchedRules = (): string[] => this.#idsOf(({ isLatched }) => isLatched);

  latches = (): LatchedTrip[] =>
    this.#table.states.flatMap(({ rule, latch }) => {
      if (!latch) return [];
      const { cause, atMs, isSimulated } = latch;
      return [{ rule: rule.id, cause, atMs, isSimulated }];
    });

  resettableRules = (at: Instant): string[] =>
    this.#idsOf((state) => state.isLatched && resetRefusal(state, this.#table, at) === undefined);

  /** Rules whose limit is passed and whose time is not over yet: whoever ended them now would begin it anew. */
  countingRules = (at: Instant): string[] =>
    this.#idsOf(
      ({ rule, isLatched, watches }) =>
        !isLatched &&
        rule.then.length > 0 &&
        !this.#table.bypasses.isActive(rule.index, at.monotonicMs) &&
        watches.some((watch) => watch.isCounting),
    );

  bypassedRules = (at: Instant): string[] =>
    this.#idsOf(({ rule }) => this.#table.bypasses.isActive(rule.index, at.monotonicMs));

  suppressedRules = ({ nowMs }: Instant): SuppressedRule[] => this.#table.suppressed(nowMs);

  standing(): SafetyStanding {
    const { approval, rules } = this.#table.configuration;
    return {
      ruleCount: rules.length,
      approved: approval.isApproved,
      documentSha256: approval.documentSha256,
      approvedBy: approval.by,
      approvedAtMs: approval.atMs,
      blindRules: this.#idsOf(({ isBlind }) => isBlind),
      proofTests: proofTestsOf(this.#table),
    };
  }

  #idsOf(is: (state: RuleState) => boolean): string[] {
    return this.#table.states.filter(is).map(({ rule }) => rule.id);
  }
}
