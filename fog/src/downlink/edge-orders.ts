/** What waits for an edge's acknowledgement, on disk: sent when it listens, again until it answers. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import type { DownFamily, EdgeDoor } from "../broker/edge-door.ts";

/** An order that has not been answered is sent again after this long, I/O clock. */
const resendAfterMs = 30_000;

/** Orders of one edge looked at in one go. */
const sendMax = 64;

export interface Order {
  edge: string;
  family: DownFamily;
  /** What the edge's ack names: a command id, or "<name>@<version>". */
  ref: string;
  expiresAtMs: number;
  bytes: Uint8Array;
}

interface Row extends Order {
  number: number;
}

export class EdgeOrders {
  readonly #clock: Clock;
  readonly #ioClock: Clock;
  readonly #sentMs = new Map<number, number>();
  readonly #listening = new Set<string>();
  readonly #put: SqlStatement;
  readonly #of: SqlStatement;
  readonly #drop: SqlStatement;
  readonly #dropRef: SqlStatement;
  readonly #expired: SqlStatement;
  readonly #onExpired: (order: Order) => void;
  #door: EdgeDoor | undefined;

  constructor(options: {
    journal: SqlDatabase;
    clock: Clock;
    ioClock: Clock;
    onExpired: (order: Order) => void;
  }) {
    const { journal } = options;
    this.#clock = options.clock;
    this.#ioClock = options.ioClock;
    this.#onExpired = options.onExpired;
    const columns = "number, edge, family, ref, expires_at_ms AS expiresAtMs, bytes";
    this.#put = journal.prepare(
      "INSERT INTO orders (edge, family, ref, expires_at_ms, bytes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#of = journal.prepare(
      `SELECT ${columns} FROM orders WHERE edge = ? ORDER BY number LIMIT ?`,
    );
    this.#drop = journal.prepare("DELETE FROM orders WHERE number = ?");
    this.#dropRef = journal.prepare("DELETE FROM orders WHERE edge = ? AND ref = ?");
    this.#expired = journal.prepare(`SELECT ${columns} FROM orders WHERE expires_at_ms <= ?`);
  }

  attach(door: EdgeDoor): void {
    this.#door = door;
  }

  /** Joins the open transaction; sent with the next `tick`. */
  enqueue(order: Order): void {
    this.#put.run(order.edge, order.family, order.ref, order.expiresAtMs, order.bytes);
  }

  /** The edge has answered; joins the open transaction. True when the order was known. */
  answered(edge: string, ref: string): boolean {
    return this.#dropRef.run(edge, ref).changes > 0;
  }

  listening(edge: string): void {
    // A new session has forgotten what the last one was told.
    for (const { number } of this.#of.all<Row>(edge, sendMax)) this.#sentMs.delete(number);
    this.#listening.add(edge);
  }

  gone(edge: string): void {
    this.#listening.delete(edge);
  }

  /** Sends what is due. Called once a second of the I/O clock. */
  tick(): void {
    for (const order of this.#expired.all<Row>(this.#clock.nowMs())) {
      this.#drop.run(order.number);
      this.#sentMs.delete(order.number);
      this.#onExpired(order);
    }
    for (const edge of this.#listening) this.#sendTo(edge);
  }

  #sendTo(edge: string): void {
    const nowMs = this.#ioClock.monotonicMs();
    for (const order of this.#of.all<Row>(edge, sendMax)) {
      const sentMs = this.#sentMs.get(order.number) ?? Number.NEGATIVE_INFINITY;
      if (nowMs - sentMs < resendAfterMs) continue;
      this.#sentMs.set(order.number, nowMs);
      void this.#door?.publish(edge, order.family, order.bytes).then((sent) => {
        if (!sent) this.#sentMs.delete(order.number);
      });
    }
  }
}
