/** Names of tags in one list: equal ones are told apart by as much of their path as it takes. */

export interface Labelled {
  /** "<edge>/<device>/<name>" */
  id: string;
  name: string;
}

/** By id. A name that comes once stays as it is; others get the shortest part of their path that is theirs alone. */
export function tagLabels(tags: readonly Labelled[]): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [name, alike] of Map.groupBy(tags, (tag) => tag.name)) {
    const paths = alike.map(({ id }) => pathsOf(id));
    const many = new Map<string, number>();
    for (const path of paths.flat()) many.set(path, (many.get(path) ?? 0) + 1);
    for (const [index, { id }] of alike.entries()) {
      const own = paths[index]?.find((path) => many.get(path) === 1) ?? id;
      labels.set(id, alike.length === 1 ? name : `${name} (${own})`);
    }
  }
  return labels;
}

/** Parts of a path that may tell it from others, the shortest first. */
function pathsOf(id: string): string[] {
  const [edge = "", device = "", ...name] = id.split("/");
  return [device, `${device}/${name.join("/")}`, edge, `${edge}/${device}`, id];
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
