/**
 * De-duplication for ever: which (edge, stream, epoch, incarnation, sequence) have been stored, and what
 * the newest of them looked like, so that a number that comes again with other content is noticed.
 */
import { u32 } from "@weir/contracts/elements.ts";
import type { Incarnation } from "@weir/runtime/incarnation.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { noRanges, type SequenceRanges, withSequence, withSpan } from "./sequence-ranges.ts";

/** "dropped": batches of "blocks" that the edge has given up and said so. */
export type NumberedStream = "blocks" | "events" | "dropped";

export interface Numbers {
  edge: string;
  stream: NumberedStream;
  epoch: number;
  incarnation: Incarnation;
}

/** Newest batches of each key whose content is remembered. A link has fewer on their way at once. */
const printsMax = 64;

interface Known {
  ranges: SequenceRanges;
  /** Sequence and fingerprint in turn, oldest first. */
  prints: Uint32Array;
}

const nothing: Known = { ranges: noRanges, prints: new Uint32Array(0) };

const textOf = ({ edge, stream, epoch, incarnation }: Numbers): string =>
  `${edge}/${stream}/${epoch}/${incarnation}`;

export class SeenSequences {
  readonly #known = new Map<string, Known>();
  readonly #staged = new Map<string, { key: Numbers; known: Known }>();
  readonly #get: SqlStatement;
  readonly #put: SqlStatement;
  readonly #forget: SqlStatement;
  readonly #newest: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#get = db.prepare(
      "SELECT ranges, prints FROM numbers WHERE edge = ? AND stream = ? AND epoch = ? AND incarnation = ?",
    );
    this.#put = db.prepare(
      "INSERT OR REPLACE INTO numbers (edge, stream, epoch, incarnation, ranges, prints) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#forget = db.prepare(
      "DELETE FROM numbers WHERE edge = ? AND incarnation = '0' AND epoch >= ?",
    );
    this.#newest = db.prepare(
      `SELECT edge, stream, epoch, incarnation FROM numbers
       WHERE edge = ? AND stream = ? AND epoch <= ? ORDER BY epoch DESC LIMIT ?`,
    );
  }

  /**
   * "new" the first time; counts once the transaction commits. "known": the same again, as far as its
   * `print` is remembered. "conflict": the number was given to other content before.
   */
  add(key: Numbers, sequence: number, print: number): "new" | "known" | "conflict" {
    const { ranges, prints } = this.#current(key);
    const next = withSequence(ranges, sequence);
    if (!next) {
      const told = printsOf(prints, sequence);
      if (told.length === 0 || told.includes(print)) return "known";
    }
    this.#stage(key, { ranges: next ?? ranges, prints: withPrint(prints, sequence, print) });
    return next ? "new" : "conflict";
  }

  /** All of [from, to]; counts once the transaction commits. */
  addSpan(key: Numbers, from: number, to: number): void {
    const { ranges, prints } = this.#current(key);
    this.#stage(key, { ranges: withSpan(ranges, from, to), prints });
  }

  /** What has been stored, with what the open transaction adds. */
  ranges(key: Numbers): SequenceRanges {
    return this.#current(key).ranges;
  }

  /** The newest incarnations of a stream up to boot `epoch`. */
  newest(edge: string, stream: NumberedStream, { epoch, limit }: { epoch: number; limit: number }) {
    return this.#newest.all<Numbers>(edge, stream, epoch, limit);
  }

  /** Last thing in the transaction. */
  write(): void {
    for (const { key, known } of this.#staged.values()) {
      const { edge, stream, epoch, incarnation } = key;
      const prints = new Uint8Array(known.prints.buffer.slice(0));
      this.#put.run(edge, stream, epoch, incarnation, known.ranges.join(","), prints);
    }
  }

  committed(): void {
    for (const [text, { known }] of this.#staged) this.#known.set(text, known);
    this.#staged.clear();
  }

  rolledBack(): void {
    this.#staged.clear();
  }

  /** `edge`, too old to have incarnations, counts boots from `epoch` again. In the open transaction. */
  forget(edge: string, epoch: number): void {
    this.#forget.run(edge, epoch);
    for (const text of [...this.#known.keys()]) {
      if (text.startsWith(`${edge}/`)) this.#known.delete(text);
    }
  }

  #stage(key: Numbers, known: Known): void {
    this.#staged.set(textOf(key), { key, known });
  }

  #current(key: Numbers): Known {
    const text = textOf(key);
    const held = this.#staged.get(text)?.known ?? this.#known.get(text);
    if (held) return held;
    const { edge, stream, epoch, incarnation } = key;
    const row = this.#get.get<{ ranges: string; prints: Uint8Array }>(
      ...[edge, stream, epoch, incarnation],
    );
    if (!row) return nothing;
    const prints = new Uint32Array(row.prints.slice().buffer);
    return { ranges: row.ranges === "" ? noRanges : row.ranges.split(",").map(Number), prints };
  }
}

function printsOf(prints: Uint32Array, sequence: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < prints.length; i += 2) {
    if (prints[i] === sequence) found.push(u32(prints, i + 1));
  }
  return found;
}

function withPrint(prints: Uint32Array, sequence: number, print: number): Uint32Array {
  const from = prints.length < 2 * printsMax ? 0 : 2;
  const next = new Uint32Array(prints.length - from + 2);
  next.set(from === 0 ? prints : prints.subarray(from));
  next[next.length - 2] = sequence;
  next[next.length - 1] = print;
  return next;
}
