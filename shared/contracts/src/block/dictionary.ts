/** The tag table that both ends of a block share: resolution and period of every tag, by index. */
import type { BlockDictionary, BlockTag } from "./column-block.ts";

/** Tags of one resolution and period learn from each other; beyond this many classes they share. */
const classesMax = 64;

/** FNV-1a, 32 bits, over resolution and period of each tag as big-endian float64. */
export function dictionaryHash(tags: readonly BlockTag[]): number {
  const view = new DataView(new ArrayBuffer(16));
  let hash = 0x811c9dc5;
  for (const tag of tags) {
    view.setFloat64(0, tag.resolution);
    view.setFloat64(8, tag.periodMs);
    for (let i = 0; i < 16; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Dictionary of a tag table, in the order of the tags' indices. Reads no other field of a tag. */
export function makeDictionary(tags: readonly BlockTag[]): BlockDictionary {
  const own = tags.map(({ resolution, periodMs }) => ({ resolution, periodMs }));
  const { classes, count: classCount } = classesBy(
    own,
    (tag) => `${tag.resolution}/${tag.periodMs}`,
  );
  const { classes: periods, count: periodCount } = classesBy(own, (tag) => `${tag.periodMs}`);
  return { hash: dictionaryHash(own), tags: own, classes, classCount, periods, periodCount };
}

/** Numbers the tags by key, in the order of first appearance. */
function classesBy(
  tags: readonly BlockTag[],
  keyOf: (tag: BlockTag) => string,
): { classes: Uint8Array; count: number } {
  const known = new Map<string, number>();
  const classes = Uint8Array.from(tags, (tag) => {
    const key = keyOf(tag);
    const found = known.get(key) ?? known.size % classesMax;
    known.set(key, found);
    return found;
  });
  return { classes, count: Math.min(classesMax, known.size) };
}
