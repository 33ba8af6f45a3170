/** What an edge may say and hear: its own topics, nothing else. */
import { type Family, families, parseTopic, topicOf } from "@weir/contracts/topics.ts";
import type { DownFamily } from "./edge-door.ts";

/** Whom a client certificate names: subject O and CN. */
export interface EdgeName {
  site: string;
  edge: string;
}

/** The family `name` may publish to on `topic`, or `undefined`. */
export function publishable(name: EdgeName, topic: string): Family | undefined {
  const parsed = parseTopic(topic);
  if (!parsed || parsed.site !== name.site || parsed.edge !== name.edge) return undefined;
  return families[parsed.family].way === "up" ? parsed.family : undefined;
}

/** The family `name` may subscribe to with `filter`: whole topics only, no wildcards. */
export function subscribable(name: EdgeName, filter: string): DownFamily | undefined {
  const parsed = parseTopic(filter);
  if (!parsed || parsed.site !== name.site || parsed.edge !== name.edge) return undefined;
  return families[parsed.family].way === "down" ? (parsed.family as DownFamily) : undefined;
}

export const downTopic = (name: EdgeName, family: DownFamily): string =>
  topicOf({ ...name, family });
