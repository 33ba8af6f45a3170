/**
 * Opens the fog's journal and finds out whether it belongs to what lies beside it: a journal that was
 * lost, emptied or restored from a backup must not number batches that the history holds already, nor
 * read the history under another tag table.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { IntegrityFinding } from "@weir/runtime/integrity-log.ts";
import { takeRestoreNote } from "@weir/runtime/restore.ts";
import { openChecked, openSound, setAside } from "@weir/runtime/set-aside.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { dayMigrations } from "./historian/day-files.ts";
import { dayFolder } from "./historian/day-folder.node.ts";
import { restoreTagCopy, saveTagCopy } from "./historian/tag-copy.ts";
import { journalMigrations } from "./store.ts";

export const journalFile = "fog.db";
export const historyFolder = "history";
const tagCopyFile = "site-tags.json";

/** Day files that are asked how far they go; a late minute of an older day is rarer than a restore. */
const daysAsked = 14;

export interface OpenedJournal {
  journal: SqlDatabase;
  /** To be told once the journal's own log of them is open. */
  findings: IntegrityFinding[];
  /** They have been told. */
  told: () => void;
}

export interface OpenJournalOptions {
  /** Made when missing. */
  dataDir: string;
  synchronous: "FULL" | "NORMAL";
  nowMs: number;
}

/** @throws Fault RUNTIME_DATABASE_CORRUPT of a newer Weir, RUNTIME_DATABASE_NO_ROOM, RUNTIME_RESTORE_INTERRUPTED */
export function openJournal({ dataDir, synchronous, nowMs }: OpenJournalOptions): OpenedJournal {
  mkdirSync(dataDir, { recursive: true });
  const restored = takeRestoreNote(dataDir);
  const file = join(dataDir, journalFile);
  const findings: IntegrityFinding[] = restored ? [restored.finding] : [];
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  const traces = tracesOf(dataDir);
  if (traces.length > 0 && !size) {
    const moved = size === 0 ? ` (set aside as ${setAside(file, nowMs, "empty")})` : "";
    findings.push({
      code: "lost",
      subject: journalFile,
      text: `${file} ${size === 0 ? "was empty" : "was missing"} beside ${traces.join(", ")}${moved}: what waited for the cloud, orders for edges, events and the audit log are lost; a new one was begun. Restore a backup with "weir-fog restore"`,
    });
  }
  const { db: journal, aside } = openSound(file, {
    ...{ synchronous, migrations: journalMigrations, nowMs },
  });
  if (aside) {
    findings.push({
      code: "damaged",
      subject: journalFile,
      text: `${file} was damaged (${aside.why}): it lies in ${aside.movedTo} now and a new one was begun, without what waited for the cloud, orders for edges, events and the audit log. Restore a backup with "weir-fog restore"`,
    });
  }
  const misfit = fitHistory(join(dataDir, historyFolder), journal, nowMs);
  if (misfit) findings.push(misfit);
  return { journal, findings, told: () => restored?.told() };
}

/** Edges have been let in here, so there was a certificate authority. */
export function hasServed(dataDir: string): boolean {
  if (["accounts.db", "addresses.json"].some((name) => existsSync(join(dataDir, name))))
    return true;
  const file = join(dataDir, journalFile);
  if (!statSync(file, { throwIfNoEntry: false })?.size) return false;
  const { db: journal } = openChecked(file, {
    ...{ synchronous: "FULL", migrations: journalMigrations },
  });
  // Damaged: what it held is not known, and no other authority may be made for that.
  if (!journal) return true;
  try {
    return journal.prepare("SELECT 1 FROM edges LIMIT 1").get() !== undefined;
  } finally {
    journal.close();
  }
}

/** Keeps the tag table beside the history; called when it has grown. */
export function copyTags(dataDir: string, journal: SqlDatabase): void {
  saveTagCopy(join(dataDir, historyFolder, tagCopyFile), journal);
}

/** What only a fog that has run leaves behind. */
function tracesOf(dataDir: string): string[] {
  const days = hasDays(join(dataDir, historyFolder)) ? [`${historyFolder}/`] : [];
  const files = ["incidents.db", "accounts.db", "addresses.json"];
  return [...days, ...files.filter((name) => existsSync(join(dataDir, name)))];
}

const hasDays = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => /^\d{4}-\d{2}-\d{2}\.db$/.test(name));

function fitHistory(
  folder: string,
  journal: SqlDatabase,
  nowMs: number,
): IntegrityFinding | undefined {
  const hadTags = journal.prepare("SELECT 1 FROM site_tags LIMIT 1").get() !== undefined;
  const copy = restoreTagCopy(join(folder, tagCopyFile), journal);
  if (copy.outcome === "other" || (copy.outcome === "none" && !hadTags && hasDays(folder))) {
    const movedTo = setAside(folder, nowMs, "without-tags");
    const why =
      copy.outcome === "other"
        ? "its tag table and the journal's name different tags"
        : "the tag table that it was written with is lost";
    return {
      code: "damaged",
      subject: historyFolder,
      text: `the history cannot be read: ${why}. It lies in ${movedTo} now, and a new one was begun. Restore a backup with "weir-fog restore"`,
    };
  }
  countOnFrom(newestApplied(folder), journal);
  return undefined;
}

/** Newest raw batch that a sealed minute holds; 0 without history. */
function newestApplied(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = dayFolder(folder);
  let newest = 0;
  const days = files.list().map(({ day }) => day);
  for (const day of days.sort().slice(-daysAsked)) {
    newest = Math.max(
      newest,
      appliedIn(() => files.open(day, dayMigrations)),
    );
  }
  return newest;
}

function appliedIn(open: () => SqlDatabase): number {
  try {
    const db = open();
    try {
      const row = db
        .prepare("SELECT max(applied_to) AS n FROM minutes")
        .get<{ n: number | null }>();
      return row?.n ?? 0;
    } finally {
      db.close();
    }
  } catch {
    return 0; // A damaged day: the historian sets it aside and says so.
  }
}

/** A sealed minute says up to which raw batch it holds all: a number must not be given twice. */
function countOnFrom(applied: number, journal: SqlDatabase): void {
  const row = journal
    .prepare("SELECT seq FROM sqlite_sequence WHERE name = 'raw'")
    .get<{ seq: number }>();
  if (applied <= (row?.seq ?? 0)) return;
  if (row) journal.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'raw'").run(applied);
  else journal.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('raw', ?)").run(applied);
}
