/**
 * How long a thing may be quiet before it is stale, and before nothing may be concluded from it any more.
 * Pure arithmetic: ages come from a monotonic clock, so that a corrected calendar makes nothing live again.
 */

import type { FreshnessView } from "@weir/contracts/api/fog.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { FilterPolicy, type Tag } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

/** Expected periods without a word after which a thing is stale, then silent. */
const stalePeriods = 3;
const silentPeriods = 6;
/** Nothing is called silent earlier: an agent that is started again, or a line that is dialled anew, needs as long. */
const silentMsMin = 30_000;
/** Readings travel in blocks of a second, summaries in panes of five. */
const blockMs = 1_000;
const paneMs = 5_000;
/** The share that policy `thin` lets through while nothing happens. */
const thinKeepEvery = 10;
/** An edge says how it is at least this often. */
export const statusPeriodMs = 10_000;

export interface Expectation {
  staleAfterMs: number;
  silentAfterMs: number;
}

/** `latenessMs`: what the way from the edge may add, plant time. */
export const expectationOf = (periodMs: number, latenessMs: number): Expectation => ({
  staleAfterMs: stalePeriods * periodMs + latenessMs,
  silentAfterMs: Math.max(silentPeriods * periodMs, silentMsMin) + latenessMs,
});

/** How old the word of an edge may be that counts as heard now, plant milliseconds. */
export const heardWithinMs = (latenessMs: number): number =>
  expectationOf(statusPeriodMs, latenessMs).staleAfterMs;

/** How often readings of `tag` arrive, by what its edge announced, milliseconds. */
export function arrivalPeriodMs(tag: Pick<Tag, "periodMs" | "policy">): number {
  const periodMs = Math.max(tag.periodMs, blockMs);
  if (tag.policy === FilterPolicy.THIN) return periodMs * thinKeepEvery;
  return tag.policy === FilterPolicy.SUMMARY ? Math.max(periodMs, paneMs) : periodMs;
}

/** What is known of one thing that is expected to be heard. All on the same monotonic clock. */
export interface Hearing {
  /** Newest sign of life since the fog started; undefined: none. */
  heardMs: number | undefined;
  /** When the unbroken hearing that `heardMs` belongs to began. */
  liveFromMs: number;
  /** Its own word, or its line's end: from then on it is stale without waiting. */
  goneMs: number | undefined;
  /** When the fog began to listen. */
  startedMs: number;
  /** Calendar time of what is known from before the start; undefined: nothing. */
  knownAtMs: number | undefined;
}

export interface Now {
  monotonicMs: number;
  /** Plant calendar. */
  nowMs: number;
}

/** The state without words: those are the caller's, who knows what the thing is. */
export function freshnessOf(
  hearing: Hearing,
  { staleAfterMs, silentAfterMs }: Expectation,
  { monotonicMs, nowMs }: Now,
): FreshnessView {
  const calendar = (ms: number): number => nowMs - (monotonicMs - ms);
  const { heardMs, liveFromMs, goneMs, startedMs, knownAtMs } = hearing;
  if (heardMs === undefined) {
    const heardAtMs = knownAtMs ?? null;
    const ageMs = heardAtMs === null ? null : Math.max(0, nowMs - heardAtMs);
    const rest = { heardAtMs, ageMs, reason: "" };
    if (heardAtMs === null) return { state: "never", sinceMs: calendar(startedMs), ...rest };
    const quietMs = monotonicMs - startedMs;
    if (quietMs < silentAfterMs) return { state: "stale", sinceMs: calendar(startedMs), ...rest };
    return { state: "silent", sinceMs: calendar(startedMs + silentAfterMs), ...rest };
  }
  const ageMs = monotonicMs - heardMs;
  const rest = { heardAtMs: calendar(heardMs), ageMs, reason: "" };
  if (ageMs >= silentAfterMs)
    return { state: "silent", sinceMs: calendar(heardMs + silentAfterMs), ...rest };
  if (goneMs !== undefined) return { state: "stale", sinceMs: calendar(goneMs), ...rest };
  if (ageMs >= staleAfterMs)
    return { state: "stale", sinceMs: calendar(heardMs + staleAfterMs), ...rest };
  return { state: "live", sinceMs: calendar(liveFromMs), ...rest };
}

const rank = { live: 0, stale: 1, silent: 2, never: 3 } as const satisfies Record<
  FreshnessView["state"],
  number
>;

/** What rests on both is no fresher than the staler of the two. */
export const staler = (a: FreshnessView, b: FreshnessView): FreshnessView =>
  rank[b.state] > rank[a.state] ? b : a;

/** Of a thing that rests on several: live when at least half of them are, else since the half was lost. */
export function freshnessOfMost(all: readonly FreshnessView[], nowMs: number): FreshnessView {
  if (all.length === 0)
    return { state: "never", heardAtMs: null, ageMs: null, sinceMs: nowMs, reason: "" };
  const ordered = all.toSorted((a, b) => rank[a.state] - rank[b.state] || a.sinceMs - b.sinceMs);
  const middle = elementAt(ordered, Math.ceil(ordered.length / 2) - 1);
  const heard = all.flatMap(({ heardAtMs }) => (heardAtMs === null ? [] : [heardAtMs]));
  const heardAtMs = heard.length === 0 ? null : Math.max(...heard);
  const ageMs = heardAtMs === null ? null : Math.max(0, nowMs - heardAtMs);
  return { ...middle, heardAtMs, ageMs };
}

/** "40 s", "3 min", "2 h", "4 d" */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
