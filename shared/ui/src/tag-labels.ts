/** Names of tags in one list: equal ones are told apart by as much of their path as it takes. */

export interface Labelled {
  /** "<edge>/<device>/<name>" */
  id: string;
  name: string;
}

/** By id. A name that comes once stays as it is; others get the parts of their path that differ. */
export function tagLabels(tags: readonly Labelled[]): Map<string, string> {
  const byName = Map.groupBy(tags, ({ name }) => name);
  return new Map(tags.map((tag) => [tag.id, labelOf(tag, byName.get(tag.name) ?? [])]));
}

function labelOf({ id, name }: Labelled, alike: readonly Labelled[]): string {
  if (alike.length < 2) return name;
  const parts = id.split("/");
  const others = alike.filter((one) => one.id !== id).map((one) => one.id.split("/"));
  const differing = parts.filter((part, index) => others.some((other) => other[index] !== part));
  return `${name} (${differing.join("/") || id})`;
}

/** Tags that have every word of `text` in their name, path, stage or kind. */
export function findTags<T extends Labelled & { stage: string; kind: string; unit: string }>(
  tags: readonly T[],
  text: string,
): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return tags.filter(({ id, name, stage, kind, unit }) => {
    const all = `${id} ${name} ${stage} ${kind.replaceAll("_", " ")} ${unit}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
