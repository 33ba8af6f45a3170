/**
 * Where a site's pushed items stand: who numbered them, what has come before them, what was given a
 * number twice. Pure bookkeeping over the log's own database, in the transaction of an append.
 */
import { u8 } from "@weir/contracts/elements.ts";
import { type Incarnation, noIncarnation } from "@weir/runtime/incarnation.ts";
import type { IntegrityFinding } from "@weir/runtime/integrity-log.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { AppendBatch, AppendItem, ItemPosition } from "./event-log.ts";

/** Numbers a source has used under one incarnation. */
interface Producer {
  sequence: number;
  /** 1: it repeats what an earlier incarnation has sent after the state it was restored to. */
  overlaps: number;
}

/** A batch whose source has said who numbers, or is too old to. */
export type NumberedBatch = AppendBatch & { incarnation: Incarnation };

export interface ItemOrder {
  /** What to do with a batch: nothing, as something before it is missing; or to append these items. */
  place(batch: NumberedBatch): Placed;
  /** The items up to `sequence` are in the log now. */
  advance(batch: NumberedBatch, sequence: number, lastOffset: number): void;
}

export type Placed =
  | { missingAfter: ItemPosition; findings: IntegrityFinding[] }
  | { fresh: AppendItem[]; before: number; findings: IntegrityFinding[] };

/** What the log's database says of who has sent what. */
function statementsOf(db: SqlDatabase) {
  return {
    last: db.prepare(
      "SELECT sequence, overlaps FROM producer WHERE source = ? AND epoch = ? AND incarnation = ?",
    ),
    reached: db.prepare(
      "SELECT max(sequence) AS sequence FROM producer WHERE source = ? AND incarnation = ?",
    ),
    newest: db.prepare(
      "SELECT incarnation, sequence FROM producer WHERE source = ? ORDER BY last_offset DESC LIMIT 1",
    ),
    put: db.prepare(
      `INSERT INTO producer (source, epoch, incarnation, sequence, overlaps, last_offset)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence, last_offset = excluded.last_offset`,
    ),
    printsOf: db.prepare(
      "SELECT print FROM record WHERE source = ? AND epoch = ? AND incarnation = ? AND sequence = ?",
    ),
    sameContent: db.prepare("SELECT body FROM record WHERE source = ? AND print = ? AND kind = ?"),
  };
}

type Statements = ReturnType<typeof statementsOf>;

export function createItemOrder(db: SqlDatabase): ItemOrder {
  const statements = statementsOf(db);
  const overlapping = new WeakSet<NumberedBatch>();
  return {
    place(batch) {
      const { source, epoch, incarnation, items } = batch;
      const known = statements.last.get<Producer>(source, epoch, incarnation);
      const missingAfter = items.length > 0 ? missing(statements, batch, known) : undefined;
      if (missingAfter) {
        return { missingAfter, findings: [missingFinding(batch, missingAfter)] };
      }
      const findings = [...gapBefore(batch, known)];
      const setBack = setBackOf(statements, batch, known);
      if (setBack) {
        overlapping.add(batch);
        findings.push(setBack);
      }
      const before = known?.sequence ?? 0;
      const overlaps = overlapping.has(batch) || known?.overlaps === 1;
      const fresh: AppendItem[] = [];
      for (const item of items) {
        if (item.sequence > before) {
          if (!overlaps || !isKnown(statements, batch, item)) fresh.push(item);
        } else if (!isRepeat(statements, batch, item)) {
          fresh.push(item);
          findings.push({
            code: "conflict",
            subject: source,
            text: `${source} sent item ${item.sequence} twice with different content (${item.kind}); both are kept. Two fogs run from one state: stop one of them`,
          });
        }
      }
      return { fresh, before, findings };
    },
    advance(batch, sequence, lastOffset) {
      const { source, epoch, incarnation } = batch;
      const overlaps = overlapping.has(batch) ? 1 : 0;
      statements.put.run(source, epoch, incarnation, sequence, overlaps, lastOffset);
    },
  };
}

/** Up to where this state of the cloud has what the batch follows on; undefined: nothing is missing. */
function missing(
  { reached, newest }: Statements,
  { source, incarnation, previous }: NumberedBatch,
  known: Producer | undefined,
): ItemPosition | undefined {
  if (incarnation === noIncarnation || !previous || previous.sequence === 0) return undefined;
  const has =
    previous.incarnation === incarnation
      ? known?.sequence
      : (reached.get<{ sequence: number | null }>(source, previous.incarnation)?.sequence ??
        undefined);
  if (has !== undefined && has >= previous.sequence) return undefined;
  if (has !== undefined) return { incarnation: previous.incarnation, sequence: has };
  return newest.get<ItemPosition>(source) ?? { incarnation: noIncarnation, sequence: 0 };
}

/** What the source keeps no longer, or an old one has never sent to this state of the cloud. */
function gapBefore(
  { source, incarnation, lost, items }: NumberedBatch,
  known: Producer | undefined,
): IntegrityFinding[] {
  if (lost) return [gapOf(source, lost, "the fog keeps them no longer")];
  const first = items[0]?.sequence ?? 0;
  if (incarnation !== noIncarnation || !known || first <= known.sequence + 1) return [];
  const span = { from: known.sequence + 1, to: first - 1 };
  return [gapOf(source, span, "they were never sent to this state of the cloud")];
}

/** A source that begins anew and remembers less than has come from it. */
function setBackOf(
  { reached }: Statements,
  { source, incarnation, previous }: NumberedBatch,
  known: Producer | undefined,
): IntegrityFinding | undefined {
  if (incarnation === noIncarnation || known || !previous || previous.sequence === 0) {
    return undefined;
  }
  const has = reached.get<{ sequence: number | null }>(source, previous.incarnation)?.sequence;
  if (!has || has <= previous.sequence) return undefined;
  return {
    code: "set-back",
    subject: source,
    text: `the fog of ${source} was restored or rolled back: it remembers ${previous.sequence} items, ${has} have come. Both are kept; what comes twice with the same content is taken once`,
  };
}

function isRepeat({ printsOf }: Statements, batch: NumberedBatch, item: AppendItem): boolean {
  const { source, epoch, incarnation } = batch;
  const kept = printsOf.all<{ print: number }>(source, epoch, incarnation, item.sequence);
  return kept.length === 0 || kept.some(({ print }) => print === printOf(item));
}

/** The same fact under another number, from a fog that has forgotten that it sent it. */
const isKnown = (
  { sameContent }: Statements,
  { source }: NumberedBatch,
  item: AppendItem,
): boolean =>
  facts.has(item.kind) &&
  sameContent
    .all<{ body: Uint8Array }>(source, printOf(item), item.kind)
    .some(({ body }) => Buffer.compare(contentOf(body), contentOf(item.body)) === 0);

/** Kinds that are facts of a moment; a state may come back to what it was and must then be taken. */
const facts: ReadonlySet<string> = new Set(["minute", "event", "label"]);

const gapOf = (source: string, span: { from: number; to: number }, why: string) =>
  ({
    code: "gap",
    subject: source,
    text: `items ${span.from} to ${span.to} of ${source} are missing here: ${why}`,
  }) as const;

const missingFinding = ({ source, previous }: AppendBatch, has: ItemPosition) =>
  ({
    code: "gap",
    subject: source,
    text: `items ${has.sequence + 1} to ${previous?.sequence} of ${source} had been acknowledged and are missing here: this cloud was restored or lost its log. What the fog still keeps of them is asked for again`,
  }) as const;

const printOf = (item: AppendItem): number => item.print ?? 0;

/** An item as it lies in the log, without its number: protobuf field 1, a varint, at its front. */
export function contentOf(body: Uint8Array): Uint8Array {
  if (body[0] !== 8) return body;
  let end = 1;
  while (end < body.length && u8(body, end) >= 0x80) end += 1;
  return body.subarray(end + 1);
}
