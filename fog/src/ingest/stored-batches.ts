/** Reads acknowledged batches again after a restart, a page at a time, and sets aside what nobody can take in. */
import { open } from "@weir/contracts/envelope.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { Historian } from "../historian/historian.ts";
import { type ReadableBlock, type ReadBlock, readBlock } from "./block-reader.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { EdgeRecord } from "./edge-book.ts";
import type { RawBatch, RawBatches } from "./raw-batches.ts";

export interface StoredBatchesOptions {
  journal: SqlDatabase;
  raw: RawBatches;
  deadLetters: DeadLetters;
  historian: Historian;
  integrity: IntegrityLog;
  clock: Clock;
  logger: Logger;
  record: (edge: string) => EdgeRecord;
  /** `raw`: the number of the batch. */
  handOn: (edge: string, read: ReadableBlock, raw: number) => void;
}

export function readStoredBatches(options: StoredBatchesOptions): void {
  const { raw, historian } = options;
  let after = 0;
  for (let page = raw.open(after); page.length > 0; page = raw.open(after)) {
    for (const batch of page) readAgain(batch, options);
    after = page.at(-1)?.id ?? after;
    historian.catchUp();
  }
}

/** One batch that nobody can take in must not keep the fog from its start, over and over. */
function readAgain(batch: RawBatch, options: StoredBatchesOptions): void {
  const { id, edge, bytes } = batch;
  const { record, handOn, logger } = options;
  try {
    const opened = open("blocks", bytes);
    const read: ReadBlock = opened.ok
      ? readBlock(record(edge), opened.value, undefined)
      : { at: "unreadable", reason: opened.detail };
    if (read.at === "readable") handOn(edge, read, id);
    else if (read.at === "unreadable") setAside(batch, read.reason, options);
    else logger.error("a stored batch cannot be read again", { edge, raw: id });
  } catch (error) {
    setAside(batch, (error as Error).message, options);
  }
}

function setAside(
  { id, edge, bytes }: RawBatch,
  reason: string,
  { journal, raw, deadLetters, clock, integrity }: StoredBatchesOptions,
): void {
  journal.transaction(() => {
    deadLetters.put({ atMs: clock.nowMs(), edge, family: "blocks", reason, bytes });
    raw.delete(id);
    const text = `a stored batch of ${edge} cannot be taken in again (${reason}): it is in no history, and kept among the dead letters`;
    integrity.note({ code: "damaged", subject: edge, text });
  });
}
