/** Whether the cause of a trip is gone, by what is live: an old value does not say so. */
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { NewestValues } from "../historian/newest-values.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { isUntold, type Trip } from "./trip-board.ts";

export interface TripCauseFacts {
  freshness: SiteFreshness;
  tags: SiteTags;
  newest: NewestValues;
}

/** Why a reset would be refused, in plain words; empty when it would not. */
export function resetBlockedBy(trip: Trip, { freshness, tags, newest }: TripCauseFacts): string {
  if (!trip.latched) return "it is not latched";
  const edge = freshness.edge(trip.edge);
  if (edge.state !== "live") return edge.reason;
  // Its cause is known to the edge alone, which answers for itself.
  if (trip.simulated || isUntold(trip)) return "";
  const row = tags.find(trip.tag);
  const value = row && newest.of(row.index);
  if (!row || !value) return `nothing has been received of ${trip.tag}`;
  const seen = freshness.tag(row);
  if (seen.state !== "live") return seen.reason;
  if (value.quality !== Quality.GOOD) return `${row.tag.id} has no good reading`;
  return isBeyond(value.value, trip) ? "the cause is still there" : "";
}

/** Is the value still on the wrong side of the limit that tripped? */
const isBeyond = (value: number, trip: { value: number; limit: number }): boolean =>
  trip.value >= trip.limit ? value >= trip.limit : value <= trip.limit;
