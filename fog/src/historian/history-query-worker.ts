/** The thread that reads the past: its own read-only connections, one question at a time. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { BlockDictionary, BlockTag } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { openSqliteReadOnly } from "@weir/runtime/sql.better-sqlite3.ts";
import { DayFiles } from "./day-files.ts";
import { dayFolder } from "./day-folder.node.ts";
import { answer } from "./history-answers.ts";
import type { OpenTag, Question } from "./history-query.ts";
import { HistoryReader } from "./history-reader.ts";

export interface WorkerQuestion {
  number: number;
  question: Question;
  /** By tag id. */
  open: ReadonlyMap<string, OpenTag>;
}

export type WorkerAnswer = { number: number; value: unknown } | { number: number; error: string };

/** Nobody waits for this thread but whoever asks: a minute of 280 tags takes it a millisecond. */
const decodeMax = 2_000;

const { dataDir } = workerData as { dataDir: string };
const journal = openSqliteReadOnly(join(dataDir, "fog.db"));
const getDictionary = journal.prepare("SELECT tags FROM site_dictionaries WHERE hash = ?");
const dictionaries = new Map<number, BlockDictionary>();
const folder = join(dataDir, "history");

/** Opened for one question: days come, go by retention, are set aside when damaged, and grow by late readings. */
function ask({ question, open }: WorkerQuestion): unknown {
  const byIndex = new Map([...open.values()].map((tag) => [tag.index, tag]));
  const days = new DayFiles({
    folder: {
      ...dayFolder(folder),
      open: (day) => openSqliteReadOnly(join(folder, `${day}.db`)),
      // A damaged day shows as a gap here; whoever writes it sets it aside and says so.
      setAside: () => "",
    },
    nowMs: () => 0,
    onDamaged: () => {},
  });
  try {
    const reader = new HistoryReader({
      days,
      book: {
        columnsOf: (index) => byIndex.get(index)?.columns ?? [],
        panesOf: (index) => byIndex.get(index)?.panes ?? [],
      },
      tags: { find: (id) => open.get(id), dictionaryOf },
      decodeMax,
    });
    return answer(reader, question);
  } finally {
    days.close();
  }
}

function dictionaryOf(hash: number): BlockDictionary | undefined {
  const known = dictionaries.get(hash);
  if (known) return known;
  const row = getDictionary.get<{ tags: string }>(hash);
  if (!row) return undefined;
  const dictionary = makeDictionary(JSON.parse(row.tags) as BlockTag[]);
  dictionaries.set(hash, dictionary);
  return dictionary;
}

parentPort?.on("message", (asked: WorkerQuestion) => {
  const { number } = asked;
  try {
    parentPort?.postMessage({ number, value: ask(asked) } satisfies WorkerAnswer);
  } catch (error) {
    parentPort?.postMessage({ number, error: (error as Error).message } satisfies WorkerAnswer);
  }
});
