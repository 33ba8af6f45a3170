/**
 * Does what an edge says of its numbers fit what has come? Finds batches that will not come any more,
 * edges that were set back to an earlier state, databases that were lost, and two agents of one
 * identity. Told, counted, and never mended by guessing.
 */
import type { Birth, EdgeStatus, PendingFrom } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { type Incarnation, noIncarnation } from "@weir/runtime/incarnation.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { batchPrint } from "./batch-print.ts";
import type { EdgeRecord } from "./edge-book.ts";
import type { Numbers, SeenSequences } from "./seen-sequences.ts";
import { highest, joined, missingBelow, type SequenceRanges, withSpan } from "./sequence-ranges.ts";

/** Incarnations of an edge that are looked at for gaps: what is pending is younger than that. */
const incarnationsMax = 16;
/** Times remembered of jumps in the numbers, for the words of a gap. */
const jumpsMax = 64;
/** An agent that died may have a last word on its way; one that comes back this often is running. */
const returnsOfClone = 2;

interface Jump {
  key: Numbers;
  from: number;
  to: number;
  sinceMs: number;
  untilMs: number;
}

/** Which incarnation of an edge speaks, and how often an earlier one has spoken again. */
interface Voice {
  live: Incarnation;
  before: Set<Incarnation>;
  returns: number;
}

/** "known": this very batch has been stored before. "conflict": another one of its number has. */
export type Numbered = ReturnType<SeenSequences["add"]>;

export interface ContinuityOptions {
  journal: SqlDatabase;
  seen: SeenSequences;
  integrity: IntegrityLog;
  clock: Clock;
}

export class Continuity {
  readonly #options: ContinuityOptions;
  readonly #jumps: Jump[] = [];
  readonly #voices = new Map<string, Voice>();
  readonly #births: SqlStatement;
  readonly #gaps: SqlStatement;
  readonly #putGap: SqlStatement;

  constructor(options: ContinuityOptions) {
    const { journal } = options;
    this.#options = options;
    this.#births = journal.prepare(
      "SELECT epoch, incarnation FROM births WHERE edge = ? ORDER BY number DESC LIMIT 200",
    );
    this.#gaps = journal.prepare(
      "SELECT first, last FROM gaps WHERE edge = ? AND stream = ? AND epoch = ? AND incarnation = ?",
    );
    this.#putGap = journal.prepare(
      "INSERT OR REPLACE INTO gaps (edge, stream, epoch, incarnation, first, last, told_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
  }

  /** Takes down a batch's number. In the open transaction. */
  number(
    message: { edge: string; bytes: Uint8Array; atMs: number; lastSeenMs: number },
    stream: "blocks" | "events",
    batch: { epoch: number; incarnation: Incarnation; sequence: number; backlog: boolean },
  ): Numbered {
    const { edge, bytes } = message;
    const { epoch, incarnation, sequence } = batch;
    const key = { edge, stream, epoch, incarnation };
    this.#noteJump(key, sequence, message);
    const numbered = this.#options.seen.add(key, sequence, batchPrint(bytes, batch.backlog));
    if (numbered === "conflict") {
      this.#options.integrity.note({
        code: "conflict",
        subject: edge,
        text: `${edge} sent ${words[stream]} ${sequence} of boot ${epoch} twice with different content; both are kept. Two agents run from one memory image: stop one of them`,
      });
    }
    return numbered;
  }

  /** Before the birth is stored. In the open transaction. */
  onBirth(record: EdgeRecord, birth: Birth): "begins anew" | "goes on" {
    const before = record.birth;
    if (birth.incarnation !== noIncarnation) {
      if (before) this.#compare(record, before, birth);
      return "goes on";
    }
    // An older agent's boot count that has gone back, said later: it has lost its disk.
    const isBack = before && birth.epoch < before.epoch && birth.atMs > before.atMs;
    return isBack ? "begins anew" : "goes on";
  }

  #compare(record: EdgeRecord, before: Birth, birth: Birth): void {
    const { edge } = record;
    const { incarnation } = birth;
    const known = this.#births.all<{ epoch: number; incarnation: Incarnation }>(edge);
    if (known.some((one) => one.incarnation === incarnation)) return;
    const lost = `what it read from ${instant(record.lastSeenMs)} to ${instant(birth.atMs)} and had not sent is lost`;
    if (before.store !== noIncarnation && before.store !== birth.store) {
      const pending = record.status?.ledger?.pending ?? 0;
      this.#options.integrity.note({
        code: "lost",
        subject: edge,
        text: `${edge} has begun a new database at ${instant(birth.atMs)}: the old one kept ${pending} readings for this fog when last heard of; ${lost}`,
      });
      return;
    }
    const behind = this.#behind(edge, birth);
    const newest = known.filter((one) => one.incarnation !== noIncarnation);
    const repeats = newest.some(({ epoch }) => epoch >= birth.epoch);
    if (behind === undefined && !repeats) return;
    const what = behind ?? `it begins boot ${birth.epoch}, which has been before`;
    this.#options.integrity.note({
      code: "set-back",
      subject: edge,
      text: `${edge} was restored, rolled back or cloned: ${what}; ${lost}. Its numbers are kept apart from the earlier ones`,
    });
  }

  /** What an edge has given up is not missing on this side. In the open transaction. */
  onDropped(
    edge: string,
    spans: readonly { epoch: number; incarnation: Incarnation; from: number; to: number }[],
  ): void {
    for (const { epoch, incarnation, from, to } of spans) {
      if (from < 1 || to < from) continue;
      this.#options.seen.addSpan({ edge, stream: "dropped", epoch, incarnation }, from, to);
    }
  }

  /** After the commit of the status and of all that came before it. */
  onStatus(edge: string, status: EdgeStatus): void {
    if (status.incarnation === noIncarnation) return;
    this.#listen(edge, status);
    for (const from of status.pendingFrom) {
      if (from.stream === "blocks" || from.stream === "events") this.#lookForGaps(edge, from);
    }
  }

  /** Remembers when numbers were passed over. */
  #noteJump(key: Numbers, sequence: number, at: { lastSeenMs: number; atMs: number }): void {
    const top = highest(this.#options.seen.ranges(key));
    if (sequence <= top + 1) return;
    if (this.#jumps.length >= jumpsMax) this.#jumps.shift();
    const [sinceMs, untilMs] = [at.lastSeenMs, at.atMs];
    this.#jumps.push({ key, from: top + 1, to: sequence - 1, sinceMs, untilMs });
  }

  #behind(edge: string, { previous }: Birth): string | undefined {
    if (!previous) return undefined;
    const { epoch, incarnation, blocks, events } = previous;
    const top = (stream: "blocks" | "events") =>
      highest(this.#options.seen.ranges({ edge, stream, epoch, incarnation }));
    if (top("blocks") <= blocks && top("events") <= events) return undefined;
    return `it remembers ${blocks} batches of readings and ${events} of events of boot ${epoch}, ${top("blocks")} and ${top("events")} have come`;
  }

  #listen(edge: string, { incarnation, epoch }: EdgeStatus): void {
    const voice = this.#voices.get(edge) ?? { live: incarnation, before: new Set(), returns: 0 };
    this.#voices.set(edge, voice);
    if (voice.live === incarnation) return;
    voice.before.add(voice.live);
    voice.live = incarnation;
    if (!voice.before.has(incarnation)) return;
    voice.returns += 1;
    if (voice.returns < returnsOfClone) return;
    this.#options.integrity.note({
      code: "clone",
      subject: edge,
      text: `two agents run as ${edge} at once, both of boot ${epoch} or near it: a cloned disk? What they send is kept apart. Stop one of them and start it with a name and an identity of its own (weir-fog enrol-edge NAME) and an empty data folder`,
    });
  }

  #lookForGaps(edge: string, from: PendingFrom): void {
    const { epoch, incarnation } = from;
    const stream = from.stream as "blocks" | "events";
    const { seen } = this.#options;
    const own = { edge, stream, epoch, incarnation };
    const keys = seen
      .newest(edge, stream, { epoch, limit: incarnationsMax })
      .filter((key) => key.incarnation !== noIncarnation && key.incarnation !== incarnation);
    this.#tellMissing(own, from.sequence);
    // Of an earlier boot everything that was to come has come.
    for (const key of keys) this.#tellMissing(key, highest(seen.ranges(key)) + 1);
  }

  #tellMissing(key: Numbers, end: number): void {
    const { seen } = this.#options;
    const dropped =
      key.stream === "blocks" ? seen.ranges({ ...key, stream: "dropped" }) : ([] as SequenceRanges);
    const here = joined(seen.ranges(key), dropped);
    if (missingBelow(here, end).length === 0) return;
    const missing = missingBelow(joined(here, this.#told(key)), end);
    if (missing.length === 0) return;
    const { journal, clock, integrity } = this.#options;
    const { edge, stream, epoch, incarnation } = key;
    journal.transaction(() => {
      for (const [from, to] of missing) {
        this.#putGap.run(edge, stream, epoch, incarnation, from, to, clock.nowMs());
        const text = `${edge} delivered ${words[stream]} ${from} to ${to} of boot ${epoch} and this fog does not have them${this.#times(key, from)}: it was restored to an earlier state, or its database was lost. The edge no longer has them; what the cloud was sent of that time is there`;
        integrity.note({ code: "gap", subject: edge, text });
      }
    });
  }

  #told({ edge, stream, epoch, incarnation }: Numbers): SequenceRanges {
    const rows = this.#gaps.all<{ first: number; last: number }>(
      ...[edge, stream, epoch, incarnation],
    );
    return rows.reduce<SequenceRanges>((all, { first, last }) => withSpan(all, first, last), []);
  }

  #times(key: Numbers, from: number): string {
    const jump = this.#jumps.find(
      (one) =>
        one.key.edge === key.edge &&
        one.key.stream === key.stream &&
        one.key.incarnation === key.incarnation &&
        one.from <= from &&
        from <= one.to,
    );
    if (!jump || jump.sinceMs === 0) return "";
    return ` (between ${instant(jump.sinceMs)} and ${instant(jump.untilMs)})`;
  }
}

const words = {
  blocks: "batches of readings",
  events: "batches of events",
  dropped: "batches",
} as const;

const instant = (atMs: number): string =>
  Number.isFinite(atMs) && Math.abs(atMs) < 8.64e15 ? new Date(atMs).toISOString() : "?";
