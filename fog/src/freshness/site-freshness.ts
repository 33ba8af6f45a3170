/**
 * When each edge and each tag was last heard, by the fog's own clock: the one place that every page, incident
 * and health figure asks. Only what arrives live counts; backlog tells of the past.
 */
import type { FreshnessView } from "@weir/contracts/api/fog.ts";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import type { Birth, EdgeStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { EdgeRevocation } from "../enrolment/enrolment-book.ts";
import type { NewestValues } from "../historian/newest-values.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import {
  ageWords,
  arrivalPeriodMs,
  type Expectation,
  expectationOf,
  freshnessOf,
  freshnessOfMost,
  type Hearing,
  type Now,
  staler,
  statusPeriodMs,
} from "./freshness.ts";

export interface SiteFreshnessOptions {
  clock: Clock;
  tags: SiteTags;
  newest: NewestValues;
  /** What is known of the edges from before. */
  known: readonly EdgeLink[];
  /** Who has shut an edge out; undefined of one that may speak to this fog. */
  revocationOf: (edge: string) => EdgeRevocation | undefined;
  /** Why nothing that edges send can be stored here; undefined while it can. */
  notStored?: () => string | undefined;
  /** What the way from an edge may add to the age of what it says, plant time. */
  latenessMs: number;
}

interface Heard {
  heardMs: number;
  liveFromMs: number;
}

interface EdgeHearing {
  /** Calendar time of its last message before the fog started. */
  knownAtMs: number | undefined;
  status: EdgeStatus | undefined;
  word: Heard | undefined;
  readings: number | undefined;
  statusMs: number | undefined;
  gone: { atMs: number; orderly: boolean } | undefined;
  /** Site-wide index by the birth's tag index. */
  indices: Int32Array;
  expectation: Expectation;
}

export class SiteFreshness {
  readonly #options: SiteFreshnessOptions;
  readonly #edges = new Map<string, EdgeHearing>();
  readonly #tags: (Heard | undefined)[] = [];
  #startedMs: number;
  #listening = false;
  /** Of this very instant: all tags of an edge ask for it. */
  #edgeViews = { monotonicMs: Number.NaN, views: new Map<string, FreshnessView>() };

  constructor(options: SiteFreshnessOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    for (const { edge, birth, status, lastSeenMs } of options.known) {
      const hearing = this.#edge(edge);
      hearing.knownAtMs = lastSeenMs > 0 ? lastSeenMs : undefined;
      hearing.status = status;
      if (birth) this.#adopt(edge, birth);
    }
  }

  /** Nothing that is handed on before this was heard now: the journal is being read again. */
  listen(): void {
    this.#listening = true;
    this.#edgeViews.views.clear();
    this.#startedMs = this.#options.clock.monotonicMs();
  }

  get isListening(): boolean {
    return this.#listening;
  }

  onBirth(edge: string, birth: Birth): void {
    this.#adopt(edge, birth);
    this.heard(edge);
  }

  onDeath(edge: string, orderly: boolean): void {
    if (!this.#listening) return;
    this.#edgeViews.views.delete(edge);
    this.#edge(edge).gone = { atMs: this.#options.clock.monotonicMs(), orderly };
  }

  onReadings(edge: string, columns: readonly BlockColumn[], backlog: boolean): void {
    this.heard(edge);
    if (backlog) return;
    for (const { tag, qualities } of columns) {
      // An edge reports a tag that its device no longer answers for as stale: that is no sign of the tag.
      const quality = qualities[qualities.length - 1];
      if (quality !== undefined && quality !== Quality.STALE) this.#tagHeard(edge, tag);
    }
  }

  onPanes(edge: string, panes: readonly TagPane[], backlog: boolean): void {
    this.heard(edge);
    if (backlog) return;
    for (const { tag, quality } of panes) if (quality !== Quality.STALE) this.#tagHeard(edge, tag);
  }

  onStatus(edge: string, status: EdgeStatus): void {
    this.heard(edge);
    const hearing = this.#edge(edge);
    hearing.status = status;
    if (this.#listening) hearing.statusMs = this.#options.clock.monotonicMs();
  }

  onEvent(edge: string): void {
    this.heard(edge);
  }

  onAck(edge: string): void {
    this.heard(edge);
  }

  /** Any message of `edge`. */
  heard(edge: string): void {
    if (!this.#listening) return;
    this.#edgeViews.views.delete(edge);
    const hearing = this.#edge(edge);
    hearing.word = this.#again(hearing.word, hearing.expectation);
    hearing.gone = undefined;
  }

  edge(edge: string): FreshnessView {
    const now = this.#now();
    if (this.#edgeViews.monotonicMs !== now.monotonicMs)
      this.#edgeViews = { monotonicMs: now.monotonicMs, views: new Map() };
    const { views } = this.#edgeViews;
    const view = views.get(edge) ?? this.#edgeView(edge, now);
    views.set(edge, view);
    return view;
  }

  #edgeView(edge: string, now: Now): FreshnessView {
    const hearing = this.#edges.get(edge);
    const view = freshnessOf(
      this.#hearing(hearing?.word, hearing?.knownAtMs, hearing?.gone?.atMs),
      hearing?.expectation ?? this.#expectation(statusPeriodMs),
      now,
    );
    return { ...view, reason: this.#edgeReason(edge, view, now) };
  }

  /** Since the newest live readings of `edge` arrived, plant milliseconds; null: none since the fog started. */
  readingsAgeMs(edge: string): number | null {
    const atMs = this.#edges.get(edge)?.readings;
    return atMs === undefined ? null : this.#options.clock.monotonicMs() - atMs;
  }

  /** What `edge` last said of itself is of now: its status came in time and the edge is live. */
  isStatusOfNow(edge: string): boolean {
    const atMs = this.#edges.get(edge)?.statusMs;
    if (atMs === undefined || this.edge(edge).state !== "live") return false;
    return (
      this.#options.clock.monotonicMs() - atMs < this.#expectation(statusPeriodMs).staleAfterMs
    );
  }

  tag(row: SiteTagRow): FreshnessView {
    const now = this.#now();
    const known = this.#options.newest.of(row.index)?.atMs;
    const view = freshnessOf(
      this.#hearing(this.#tags[row.index], known, undefined),
      this.#expectation(arrivalPeriodMs(row.tag)),
      now,
    );
    const edge = this.edge(row.edge);
    if (edge.state !== "live" && edge.state !== "never") {
      const worst = staler(view, edge);
      return { ...worst, heardAtMs: view.heardAtMs, ageMs: view.ageMs, reason: edge.reason };
    }
    if (view.state === "live") return view;
    const said = this.#saidUnchanged(row, view);
    return said ?? { ...view, reason: tagReason(row, view) };
  }

  /** Of a stage, or a key figure, that rests on these tags. */
  ofTags(rows: readonly SiteTagRow[]): FreshnessView {
    return freshnessOfMost(
      rows.map((row) => this.tag(row)),
      this.#options.clock.nowMs(),
    );
  }

  /**
   * A source that reports only changes may be quiet while it is well. Its edge knows, and says so in every
   * status: a tag that it does not list among those that are not good is as it was.
   */
  #saidUnchanged(row: SiteTagRow, view: FreshnessView): FreshnessView | undefined {
    if (view.state === "never" || !this.isStatusOfNow(row.edge)) return undefined;
    const status = this.#edges.get(row.edge)?.status;
    if (!status || status.incarnation === "0" || status.moreConditions > 0) return undefined;
    if (status.conditions.some(({ tag }) => tag === row.tag.id)) return undefined;
    if (row.tag.periodMs > 0) return undefined;
    return { ...view, state: "live", reason: "" };
  }

  #adopt(edge: string, birth: Birth): void {
    const hearing = this.#edge(edge);
    const { tags } = this.#options;
    const indices = new Int32Array(birth.tags.length).fill(-1);
    for (const tag of birth.tags) indices[tag.index] = tags.find(`${edge}/${tag.id}`)?.index ?? -1;
    hearing.indices = indices;
    const fastest = birth.tags.reduce(
      (ms, tag) => Math.min(ms, arrivalPeriodMs(tag)),
      statusPeriodMs,
    );
    hearing.expectation = this.#expectation(fastest);
  }

  #tagHeard(edge: string, tag: number): void {
    if (!this.#listening) return;
    const hearing = this.#edge(edge);
    hearing.readings = this.#options.clock.monotonicMs();
    const index = hearing.indices[tag] ?? -1;
    const row = this.#options.tags.rows[index];
    if (!row) return;
    this.#tags[index] = this.#again(this.#tags[index], this.#expectation(arrivalPeriodMs(row.tag)));
  }

  #again(before: Heard | undefined, { staleAfterMs }: Expectation): Heard {
    const heardMs = this.#options.clock.monotonicMs();
    const unbroken = before !== undefined && heardMs - before.heardMs < staleAfterMs;
    return { heardMs, liveFromMs: unbroken ? before.liveFromMs : heardMs };
  }

  #hearing(
    heard: Heard | undefined,
    knownAtMs: number | undefined,
    goneMs: number | undefined,
  ): Hearing {
    const startedMs = this.#startedMs;
    const liveFromMs = heard?.liveFromMs ?? startedMs;
    return { heardMs: heard?.heardMs, liveFromMs, goneMs, startedMs, knownAtMs };
  }

  #edgeReason(edge: string, view: FreshnessView, { nowMs }: Now): string {
    if (view.state === "live") return "";
    if (view.state === "never") return `nothing has been received from ${edge} yet`;
    const hearing = this.#edges.get(edge);
    const age = view.ageMs === null ? "" : ageWords(view.ageMs);
    const revocation = this.#options.revocationOf(edge);
    if (revocation) return `${revokedWords(edge, revocation)}; it was last heard ${age} ago`;
    if (!hearing?.word) {
      const started = ageWords(nowMs - this.#calendar(this.#startedMs));
      return `${edge} has not been heard since this fog started ${started} ago; it was last heard ${age} ago`;
    }
    if (hearing.gone?.orderly) return `${edge} was stopped; it was last heard ${age} ago`;
    const notStored = this.#options.notStored?.();
    if (notStored !== undefined)
      return `this fog cannot store what ${edge} sends (${notStored}) and ends its connection each time; it was last heard ${age} ago`;
    if (hearing.gone) return `${edge} has lost its connection; it was last heard ${age} ago`;
    return `${edge} has not been heard for ${age}`;
  }

  #calendar(monotonicMs: number): number {
    const { clock } = this.#options;
    return clock.nowMs() - (clock.monotonicMs() - monotonicMs);
  }

  #edge(edge: string): EdgeHearing {
    let hearing = this.#edges.get(edge);
    if (!hearing) {
      hearing = {
        ...{ knownAtMs: undefined, status: undefined, word: undefined },
        ...{ readings: undefined, statusMs: undefined, gone: undefined },
        indices: new Int32Array(0),
        expectation: this.#expectation(statusPeriodMs),
      };
      this.#edges.set(edge, hearing);
    }
    return hearing;
  }

  #expectation(periodMs: number): Expectation {
    return expectationOf(periodMs, this.#options.latenessMs);
  }

  #now(): Now {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() };
  }
}

/** "edge-1 was revoked by command, ana" */
export const revokedWords = (edge: string, { by }: EdgeRevocation): string =>
  `${edge} was revoked${by && ` by ${by}`}`;

function tagReason(row: SiteTagRow, view: FreshnessView): string {
  if (view.state === "never") return `nothing has been received of ${row.tag.id} yet`;
  return `no reading of ${row.tag.id} for ${ageWords(view.ageMs ?? 0)}, though ${row.edge} is heard`;
}
