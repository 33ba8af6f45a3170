/**
 * From bytes of an edge to things that are stored, counted and handed on, in this order.
 *
 * `receive` resolves when the message is durable: whoever acknowledges it to the edge waits for that.
 * Messages of one turn of the event loop (or of `groupCommitMs`) share one commit. Nothing is handed
 * on before its commit, so that no listener ever acts on what a death would undo.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Family } from "@weir/contracts/topics.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { FogFault } from "../faults.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { EdgeLink } from "./ingested.ts";
import { MessageStore } from "./message-store.ts";
import type { Message, MessageStoreOptions } from "./message-store-options.ts";
import type { Refusals } from "./refusals.ts";
import type { StoredEvents } from "./stored-events.ts";
import { tellUnstored } from "./unstored-messages.ts";

/** Messages of one commit; a fuller queue is committed in several. */
const commitMessagesMax = 512;

export interface IngestOptions extends MessageStoreOptions {
  /** 0: one commit per turn of the event loop. */
  groupCommitMs: number;
}

interface Pending extends Message {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class Ingest {
  readonly deadLetters: DeadLetters;
  readonly events: StoredEvents;
  /** What was not taken as it came. */
  readonly refusals: Refusals;
  readonly #options: IngestOptions;
  readonly #store: MessageStore;
  readonly #counts = { messages: 0, bytes: 0, commits: 0, commitFailures: 0 };
  #queue: Pending[] = [];
  #scheduled = false;
  #closed = false;
  #refusing: { sinceMs: number; why: string } | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#store = new MessageStore(options);
    this.deadLetters = this.#store.deadLetters;
    this.events = this.#store.events;
    this.refusals = this.#store.refusals;
  }

  /** Since the start. */
  get counts() {
    return { ...this.#counts, ...this.#store.counts };
  }

  /** Hands on what a death left half done. Before anything else is received. */
  recover(): void {
    this.#store.recover();
  }

  /** Takes in one message of `edge`. Resolves when it is durable, rejects when it could not be stored. */
  receive(edge: string, family: Family, bytes: Uint8Array): Promise<void> {
    if (this.#closed)
      return Promise.reject(new FogFault("FOG_STORE", { why: "the fog is stopping" }));
    return new Promise((resolve, reject) => {
      const atMs = this.#options.clock.nowMs();
      this.#queue.push({ edge, family, bytes, atMs, resolve, reject });
      this.#schedule();
    });
  }

  /** The edge's session is open. */
  connected(edge: string): void {
    const record = this.#store.record(edge);
    record.connected = true;
    record.online = true;
  }

  /** The edge's session has ended without a word. */
  disconnected(edge: string): void {
    const record = this.#store.record(edge);
    record.connected = false;
    this.#store.offline(record, false);
  }

  /** Every edge that has ever said something, by id. */
  links(): EdgeLink[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#store.edges.values()]
      .map((record) => record.link(nowMs))
      .sort((a, b) => (a.edge < b.edge ? -1 : 1));
  }

  /** Since when, plant calendar, nothing could be stored any more, and why; undefined while it can. */
  get refusing(): { sinceMs: number; why: string } | undefined {
    return this.#refusing;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Marks what was handed on; called now and then, so that a quiet fog repeats nothing after a death. */
  settle(): void {
    if (!this.events.hasUnmarked) return;
    this.#options.journal.transaction(() => this.events.mark());
    this.events.marked();
  }

  /** Commits what has been received; nothing more is taken. */
  close(): void {
    this.#closed = true;
    this.#store.stop();
    this.#commitAll();
  }

  /** Drops what has not been committed, as a power cut does. */
  kill(): void {
    this.#closed = true;
    this.#store.stop();
    const fault = new FogFault("FOG_STORE", { why: "the fog has been killed" });
    for (const { reject } of this.#queue.splice(0)) reject(fault);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = () => {
      this.#scheduled = false;
      this.#commitAll();
    };
    const { groupCommitMs, ioClock } = this.#options;
    if (groupCommitMs > 0 && this.#queue.length < commitMessagesMax)
      ioClock.after(groupCommitMs, run);
    else setImmediate(run);
  }

  #commitAll(): void {
    while (this.#queue.length > 0) {
      // A birth changes what later messages mean: it is committed and taken into memory alone.
      const birthAt = this.#queue.findIndex(({ family }) => family === "birth");
      const count = birthAt === 0 ? 1 : birthAt === -1 ? commitMessagesMax : birthAt;
      this.#commit(this.#queue.splice(0, Math.min(count, commitMessagesMax)));
    }
  }

  #commit(batch: readonly Pending[]): void {
    let handOn: (() => void)[];
    try {
      handOn = this.#options.journal.transaction(() => {
        const all = batch.map((message) => this.#store.store(message));
        this.#store.seen.write();
        this.events.mark();
        return all;
      });
    } catch (error) {
      this.#store.seen.rolledBack();
      this.#options.partner.rolledBack();
      // Alone each: one message that cannot be stored must not hold up another edge's.
      if (batch.length > 1) for (const message of batch) this.#commit([message]);
      else this.#refuse(elementAt(batch, 0), error as Error);
      return;
    }
    this.#store.seen.committed();
    this.events.marked();
    this.#counts.commits += 1;
    this.#refusing = undefined;
    this.#counts.messages += batch.length;
    for (const [i, message] of batch.entries()) {
      this.#counts.bytes += message.bytes.length;
      this.#handOn(elementAt(handOn, i));
      message.resolve();
    }
  }

  #handOn(work: () => void): void {
    try {
      work();
    } catch (error) {
      // It is stored and will be read again at the next start; whoever waits for PUBACK gets it.
      const { message, stack } = error as Error;
      this.#options.logger.error("a stored message could not be handed on", { message, stack });
    }
  }

  #refuse(message: Pending, error: Error): void {
    const { edge, family, reject } = message;
    this.#counts.commitFailures += 1;
    const sinceMs = this.#refusing?.sinceMs ?? this.#options.clock.nowMs();
    this.#refusing = { sinceMs, why: error.message };
    this.#options.logger.error("a message could not be stored; it is not acknowledged", {
      edge,
      family,
      why: error.message,
    });
    tellUnstored(message, this.#options);
    reject(
      error instanceof Fault
        ? error
        : new FogFault("FOG_STORE", { why: error.message }, { cause: error }),
    );
  }
}
