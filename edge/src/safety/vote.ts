/**
 * N-out-of-M voting over the channels of one cause. A channel that cannot be
 * measured either votes for the trip (fail safe: 2oo3 becomes 1oo2) or is left out (keep running: 2oo3
 * becomes 2oo2); when more channels are lost than the vote can spare, it trips either way.
 */
import type { VoteSettings } from "../configuration/configuration.ts";

export type VoteOutcome =
  | "none"
  /** Enough channels are beyond the limit. */
  | "beyond"
  /** Lost channels make the trip. */
  | "blind";

/** Channels that may be lost while the others go on deciding. */
export const sparedChannels = (needed: number, count: number): number =>
  Math.max(1, count - needed);

/** `beyond` and `bad`: how many of the channels are; none is both. */
export function voteOf(
  { tags, needed, onBadChannel }: VoteSettings,
  beyond: number,
  bad: number,
): VoteOutcome {
  if (onBadChannel === "trip") {
    if (beyond + bad < needed) return "none";
    return beyond > 0 ? "beyond" : "blind";
  }
  if (bad > sparedChannels(needed, tags.length)) return "blind";
  return beyond >= Math.min(needed, tags.length - bad) ? "beyond" : "none";
}

/** "2oo3" */
export const voteText = ({ needed, tags }: VoteSettings): string => `${needed}oo${tags.length}`;
