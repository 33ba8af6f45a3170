/**
 * A copy of the site's tag table beside the history. Sealed minutes name tags by their position, so
 * history is worth nothing without the table, and worse under another one: when the journal is lost or
 * older than the history, the table comes back from here, or the history is set aside.
 */
import { existsSync, readFileSync } from "node:fs";
import { replaceFile } from "@weir/runtime/replace-file.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";

interface CopiedTag {
  id: string;
  edge: string;
  /** The tag's message, base64. */
  bytes: string;
}

interface Content {
  version: 1;
  /** By position. */
  tags: CopiedTag[];
  /** Of every table there has been. */
  dictionaries: { hash: number; tags: string }[];
}

/** Writes the journal's tag table to `file`, whole or not at all. */
export function saveTagCopy(file: string, journal: SqlDatabase): void {
  const content: Content = { version: 1, ...tableOf(journal) };
  replaceFile(file, `${JSON.stringify(content)}\n`);
}

/**
 * Gives the journal what it lacks of the copy. "other": the two name different tags by one position.
 * "none": there is no copy that can be read.
 */
export function restoreTagCopy(
  file: string,
  journal: SqlDatabase,
): { outcome: "same" | "other" | "none" } | { outcome: "restored"; tags: number } {
  const copy = readCopy(file);
  if (!copy) return { outcome: "none" };
  const own = tableOf(journal);
  const shared = Math.min(own.tags.length, copy.tags.length);
  for (let i = 0; i < shared; i++) {
    if (own.tags[i]?.id !== copy.tags[i]?.id) return { outcome: "other" };
  }
  const known = new Set(own.dictionaries.map(({ hash }) => hash));
  const dictionaries = copy.dictionaries.filter(({ hash }) => !known.has(hash));
  const tags = copy.tags.slice(own.tags.length);
  if (tags.length + dictionaries.length === 0) return { outcome: "same" };
  const putTag = journal.prepare(
    "INSERT INTO site_tags (position, id, edge, bytes) VALUES (?, ?, ?, ?)",
  );
  const putDictionary = journal.prepare("INSERT INTO site_dictionaries (hash, tags) VALUES (?, ?)");
  journal.transaction(() => {
    for (const [i, { id, edge, bytes }] of tags.entries()) {
      putTag.run(own.tags.length + i, id, edge, Buffer.from(bytes, "base64"));
    }
    for (const { hash, tags: list } of dictionaries) putDictionary.run(hash, list);
  });
  return { outcome: "restored", tags: tags.length };
}

function tableOf(journal: SqlDatabase): Omit<Content, "version"> {
  const tags = journal
    .prepare("SELECT id, edge, bytes FROM site_tags ORDER BY position")
    .all<{ id: string; edge: string; bytes: Uint8Array }>()
    .map(({ id, edge, bytes }) => ({ id, edge, bytes: Buffer.from(bytes).toString("base64") }));
  const dictionaries = journal
    .prepare("SELECT hash, tags FROM site_dictionaries ORDER BY hash")
    .all<{ hash: number; tags: string }>();
  return { tags, dictionaries };
}

function readCopy(file: string): Content | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as Partial<Content>;
    const { version, tags, dictionaries } = content;
    if (version !== 1 || !Array.isArray(tags) || !Array.isArray(dictionaries)) return undefined;
    return { version, tags, dictionaries };
  } catch {
    return undefined;
  }
}
