/** MQTT topics: `weir/v1/<site>/<edge>/<family>`. */

/** The families and who may publish on each: `up` the edge alone, `down` the fog alone. */
export const families = {
  birth: { way: "up", retain: true },
  death: { way: "up", retain: true },
  blocks: { way: "up", retain: false },
  events: { way: "up", retain: false },
  status: { way: "up", retain: false },
  ack: { way: "up", retain: false },
  model: { way: "down", retain: false },
  command: { way: "down", retain: false },
} as const satisfies Record<string, { way: "up" | "down"; retain: boolean }>;

export type Family = keyof typeof families;

export interface Topic {
  site: string;
  edge: string;
  family: Family;
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Site and edge ids are lower-case letters, digits and dashes, at most 63 characters. */
export const isId = (text: string): boolean => idPattern.test(text);

export const topicOf = (topic: Topic): string =>
  `weir/v1/${topic.site}/${topic.edge}/${topic.family}`;

/** `undefined` when `text` is not one of ours. */
export function parseTopic(text: string): Topic | undefined {
  const [weir, v1, site, edge, family, ...rest] = text.split("/");
  if (weir !== "weir" || v1 !== "v1" || rest.length > 0) return undefined;
  if (!site || !edge || !family || !isId(site) || !isId(edge) || !Object.hasOwn(families, family)) {
    return undefined;
  }
  return { site, edge, family: family as Family };
}
