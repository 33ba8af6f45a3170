/** De-duplication for ever: which (edge, stream, epoch, sequence) have been stored. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { noRanges, type SequenceRanges, withSequence } from "./sequence-ranges.ts";

export type Stream = "blocks" | "events";

interface Key {
  edge: string;
  stream: Stream;
  epoch: number;
}

const keyText = ({ edge, stream, epoch }: Key): string => `${edge}/${stream}/${epoch}`;

export class SeenSequences {
  readonly #ranges = new Map<string, SequenceRanges>();
  readonly #staged = new Map<string, { key: Key; ranges: SequenceRanges }>();
  readonly #get: SqlStatement;
  readonly #put: SqlStatement;
  readonly #forget: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#get = db.prepare("SELECT ranges FROM seen WHERE edge = ? AND stream = ? AND epoch = ?");
    this.#put = db.prepare(
      "INSERT OR REPLACE INTO seen (edge, stream, epoch, ranges) VALUES (?, ?, ?, ?)",
    );
    this.#forget = db.prepare("DELETE FROM seen WHERE edge = ? AND epoch >= ?");
  }

  /** True the first time; counts once the transaction commits. */
  add(key: Key, sequence: number): boolean {
    const text = keyText(key);
    const before = this.#staged.get(text)?.ranges ?? this.#load(text, key);
    const ranges = withSequence(before, sequence);
    if (!ranges) return false;
    this.#staged.set(text, { key, ranges });
    return true;
  }

  /** Last thing in the transaction. */
  write(): void {
    for (const { key, ranges } of this.#staged.values()) {
      this.#put.run(key.edge, key.stream, key.epoch, ranges.join(","));
    }
  }

  committed(): void {
    for (const [text, { ranges }] of this.#staged) this.#ranges.set(text, ranges);
    this.#staged.clear();
  }

  rolledBack(): void {
    this.#staged.clear();
  }

  /** `edge` has lost its disk and counts boots from `epoch` again. In the open transaction. */
  forget(edge: string, epoch: number): void {
    this.#forget.run(edge, epoch);
    for (const text of [...this.#ranges.keys()]) {
      if (text.startsWith(`${edge}/`)) this.#ranges.delete(text);
    }
  }

  #load(text: string, key: Key): SequenceRanges {
    const known = this.#ranges.get(text);
    if (known) return known;
    const row = this.#get.get<{ ranges: string }>(key.edge, key.stream, key.epoch);
    return row ? row.ranges.split(",").map(Number) : noRanges;
  }
}
