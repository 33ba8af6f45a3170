/** The tag table that both ends of a block share: resolution and period of every tag, by index. */
import type { BlockDictionary, BlockTag } from "./column-block.ts";

/** Largest tag table. */
export const tagsMax = 65_536;

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

/** Dictionary of a tag table, in the order of the tags' indices. */
export function makeDictionary(tags: readonly BlockTag[]): BlockDictionary {
  const own = tags.map(({ resolution, periodMs }) => ({ resolution, periodMs }));
  const known = new Map<string, number>();
  const classes = Uint8Array.from(own, ({ resolution, periodMs }) => {
    const key = `${resolution}/${periodMs}`;
    const found = known.get(key) ?? known.size % classesMax;
    known.set(key, found);
    return found;
  });
  return {
    hash: dictionaryHash(own),
    tags: own,
    classes,
    classCount: Math.min(classesMax, known.size),
  };
}
