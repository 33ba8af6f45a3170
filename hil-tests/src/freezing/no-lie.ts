/** What no page, status, metric or log line may say of a part that is not heard. */

/** Parts that are silent now, as the site sees them. */
export interface Silence {
  /** Edges that the fog does not hear. */
  edges: readonly string[];
  /** Edges of the site. */
  ofEdges: number;
  /** Connections that answer nothing, by edge. */
  connections: readonly { edge: string; id: string }[];
  /** The cloud is not heard by the fog, or the site by the cloud. */
  cloud: boolean;
}

export interface Lie {
  where: string;
  /** The words that claim it. */
  words: string;
  /** About which part. */
  about: string;
}

export interface Claim {
  about: string;
  words: RegExp;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Claims that a fog's surface may not make. */
export function forbiddenAtFog({ edges, ofEdges, connections, cloud }: Silence): Claim[] {
  const claims: Claim[] = [];
  const add = (about: string, ...list: RegExp[]) =>
    claims.push(...list.map((words) => ({ about, words })));
  for (const edge of edges) {
    const id = escaped(edge);
    add(
      edge,
      new RegExp(`\\b${id} is connected\\b`),
      new RegExp(`\\b${id}: heard\\b`),
      new RegExp(`\\b${id}\\b[^\\n]{0,80}\\bit says that it protects`, "i"),
      /it keeps protecting/i,
      /all \d+ edges (?:say so|heard)/i,
      /its edge is heard|the edge says so/i,
      /back to what was learned/i,
    );
  }
  if (edges.length > 0) {
    add("the plant", /\bno problem is known\b/i, /\ball well\b/i, /^Normal\b/m, /Normal: /);
    if (edges.length === ofEdges) add("the plant", /\bnormal\b/i);
  }
  if (connections.length > 0) add("devices", /\ball well\b/i, /^Normal\b/m);
  if (cloud) add("cloud", /\bcloud online\b/i, /\bCloud\s+(?:is )?online\b/i);
  return claims;
}

/** Claims that an edge's own surface may not make. */
export function forbiddenAtEdge(own: {
  connections: readonly string[];
  fogUrl: string | undefined;
}): Claim[] {
  const claims: Claim[] = [];
  if (own.connections.length > 0) claims.push({ about: "its devices", words: /\ball well\b/i });
  for (const id of own.connections)
    claims.push({ about: id, words: new RegExp(`^\\s*${escaped(id)}\\s+connected\\b`, "m") });
  if (own.fogUrl !== undefined) claims.push({ about: "the fog", words: /\bconnected to mqtts/ });
  return claims;
}

/** Claims that the cloud may not make of a site that it does not hear. */
export const forbiddenAtCloud: readonly Claim[] = [
  { about: "the site", words: /^\s*heard, newest/m },
  { about: "the site", words: /site \S+: heard/ },
  { about: "its edges", words: /^(?!Sites )\S+ heard$/m },
  { about: "the fleet", words: /no problem is known|all sites? (?:are|is) heard/i },
];

/** Words of `text` that claim what must not be claimed, with what stands around them. */
export const liesIn = (where: string, text: string, claims: readonly Claim[]): Lie[] =>
  claims.flatMap(({ about, words }) => {
    const found = words.exec(text);
    if (!found) return [];
    const around = text.slice(Math.max(0, found.index - 40), found.index + found[0].length + 40);
    return [{ where, words: around.replaceAll(/\s+/g, " "), about }];
  });
