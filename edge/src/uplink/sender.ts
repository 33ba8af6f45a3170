/**
 * What goes out next: events first, then live telemetry, then the backlog beside it. Each stream has
 * its own window of unacknowledged batches and its own ascending order.
 *
 * Telemetry ids from `#liveFrom` up are live; the stored ones below it are backlog. When live batches
 * wait too long, `#liveFrom` jumps over them: the newest data is never behind old data.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import { EdgeFault } from "../faults.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { asBacklog, type Parcel, type Stream } from "../outbox/parcel.ts";
import {
  acknowledgeWithinMs,
  backlogPage,
  backlogWindowFirst,
  backlogWindowMax,
  backlogWindowMin,
  eventWindow,
  liveQueueMax,
  liveWindow,
  liveWithinMs,
  queueDelayMsMax,
} from "./limits.ts";

export interface SenderOptions {
  outbox: Outbox;
  /** I/O clock: the age of a batch. */
  ioClock: Clock;
  /** Resolves at PUBACK. */
  publish: (stream: Stream, bytes: Uint8Array) => Promise<void>;
  onAcknowledged: () => void;
  /** A publish failed although the connection did not end. */
  onFailed: (reason: unknown) => void;
}

const noLimit = Number.MAX_SAFE_INTEGER;

export class Sender {
  readonly #options: SenderOptions;
  #isOn = false;
  /** Counts connections; an answer of an earlier one is not ours any more. */
  #connection = 0;
  readonly #live: Parcel[] = [];
  /** Telemetry ids in a queue here or on their way. */
  readonly #taken = new Set<number>();
  #liveFrom = 0;
  #liveFlying = 0;
  readonly #backlog: Parcel[] = [];
  #backlogAfter = 0;
  #backlogFlying = 0;
  #backlogWindow = backlogWindowFirst;
  /** Quickest acknowledgement on this connection: what the line takes when nothing waits in it. */
  #quickestMs = Number.POSITIVE_INFINITY;
  /** When the window last shrank: what was sent before says nothing of its new size. */
  #shrunkAtMs = Number.NEGATIVE_INFINITY;
  #backlogDone = false;
  #eventsAfter = 0;
  #eventsFlying = 0;
  #eventsDone = false;
  /** When ids of this epoch were made, monotonic I/O time; no older than `liveWithinMs`. */
  readonly #madeMs: Record<Stream, Map<number, number>> = {
    telemetry: new Map(),
    events: new Map(),
  };
  /** Unanswered publishes, oldest first. */
  readonly #flights = new Set<{ sentMs: number }>();
  #cancelCheck: Cancel = () => {};
  readonly #onSettled: (() => void)[] = [];
  readonly #sent = { live: 0, backlog: 0, events: 0, bytes: 0 };

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** How many new telemetry parcels would be sent at once. */
  get room(): number {
    return this.#isOn ? Math.max(0, liveQueueMax - this.#live.length) : 0;
  }

  /** Batches sent since start; bytes without MQTT's own. */
  get sent(): Readonly<{ live: number; backlog: number; events: number; bytes: number }> {
    return this.#sent;
  }

  get flying(): number {
    return this.#liveFlying + this.#backlogFlying + this.#eventsFlying;
  }

  /** Just committed; the first `claimed` of `telemetry` are marked as on their way. */
  onCommitted(parcels: { telemetry: Parcel[]; events: Parcel[] }, claimed: number): void {
    const nowMs = this.#options.ioClock.monotonicMs();
    for (const stream of ["telemetry", "events"] as const) {
      const made = this.#madeMs[stream];
      for (const [id, atMs] of made) {
        if (nowMs - atMs <= liveWithinMs) break;
        made.delete(id);
      }
      for (const { id } of parcels[stream]) made.set(id, nowMs);
    }
    // A commit went through, so a disk that refused the mark may take it now.
    this.#eventsDone = false;
    this.#backlogDone = false;
    if (!this.#isOn) return;
    for (const [index, parcel] of parcels.telemetry.entries()) {
      if (index < claimed) this.#enqueue(parcel);
      else this.#giveUpLive(parcel.id + 1);
    }
    this.pump();
  }

  /** The link is live: everything stored is unsent again, the youngest of it first. */
  start(): void {
    const { outbox, ioClock } = this.#options;
    this.stop();
    this.#isOn = true;
    this.#cancelCheck = every(ioClock, acknowledgeWithinMs / 3, () => this.#checkFlights());
    const nowMs = ioClock.monotonicMs();
    const young = [...this.#madeMs.telemetry].find(([, atMs]) => nowMs - atMs <= liveWithinMs);
    this.#liveFrom = young?.[0] ?? outbox.lastId("telemetry") + 1;
    if (young) {
      const range = { afterId: this.#liveFrom - 1, beforeId: noLimit, limit: liveQueueMax };
      for (const parcel of outbox.claim("telemetry", range).parcels) this.#enqueue(parcel);
    }
    this.pump();
  }

  /** The link is gone. What was on its way is unsent again. */
  stop(): void {
    this.#isOn = false;
    this.#cancelCheck();
    this.#flights.clear();
    this.#connection += 1;
    this.#live.length = 0;
    this.#backlog.length = 0;
    this.#taken.clear();
    this.#liveFlying = 0;
    this.#backlogFlying = 0;
    this.#backlogWindow = backlogWindowFirst;
    this.#quickestMs = Number.POSITIVE_INFINITY;
    this.#shrunkAtMs = Number.NEGATIVE_INFINITY;
    this.#eventsFlying = 0;
    this.#backlogAfter = 0;
    this.#eventsAfter = 0;
    this.#backlogDone = false;
    this.#eventsDone = false;
    this.#tellSettled();
  }

  #tellSettled(): void {
    if (this.flying > 0) return;
    for (const resolve of this.#onSettled.splice(0)) resolve();
  }

  /** Resolves when nothing is on its way, or the link has gone. */
  settled(): Promise<void> {
    if (this.flying === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** Sends what the windows allow. */
  pump(): void {
    if (!this.#isOn) return;
    this.#pumpEvents();
    this.#pumpLive();
    if (this.#live.length === 0) this.#pumpBacklog();
  }

  #enqueue(parcel: Parcel): void {
    this.#live.push(parcel);
    this.#taken.add(parcel.id);
  }

  /** Live begins at `fromId` from now on; what is stored before it is backlog. */
  #giveUpLive(fromId: number): void {
    this.#liveFrom = fromId;
    this.#backlogDone = false;
    for (const parcel of this.#live.splice(0)) this.#taken.delete(parcel.id);
  }

  #pumpEvents(): void {
    while (!this.#eventsDone && this.#eventsFlying < eventWindow) {
      const limit = eventWindow - this.#eventsFlying;
      const range = { afterId: this.#eventsAfter, beforeId: noLimit, limit };
      const page = this.#options.outbox.claim("events", range);
      this.#eventsAfter = page.afterId;
      this.#eventsDone = page.isLast;
      for (const parcel of page.parcels) {
        this.#eventsFlying += 1;
        this.#sent.events += 1;
        this.#send(parcel, !this.#isYoung(parcel), () => {
          this.#eventsFlying -= 1;
        });
      }
    }
  }

  #pumpLive(): void {
    while (this.#live.length > 0 && this.#liveFlying < liveWindow) {
      const parcel = elementAt(this.#live, 0);
      if (!this.#isYoung(parcel)) {
        // The link is slower than the plant: let the old wait, so that the new is new.
        const fresh = this.#live.find((each) => this.#isYoung(each));
        const kept = fresh ? this.#live.slice(this.#live.indexOf(fresh)) : [];
        this.#giveUpLive(fresh?.id ?? this.#lastLiveId() + 1);
        for (const each of kept) this.#enqueue(each);
        continue;
      }
      this.#live.shift();
      this.#liveFlying += 1;
      this.#sent.live += 1;
      this.#send(parcel, false, () => {
        this.#liveFlying -= 1;
      });
    }
  }

  #lastLiveId = (): number => this.#live.at(-1)?.id ?? this.#liveFrom;

  #pumpBacklog(): void {
    while (this.#backlogFlying < this.#backlogWindow) {
      const parcel = this.#backlog.shift() ?? this.#nextBacklogPage();
      if (!parcel) return;
      this.#backlogFlying += 1;
      this.#sent.backlog += 1;
      const sentMs = this.#options.ioClock.monotonicMs();
      this.#send(parcel, true, () => {
        this.#backlogFlying -= 1;
        this.#tuneWindow(sentMs);
      });
    }
  }

  /**
   * Keeps the queue in the line short, as TCP Vegas does: the window grows while an acknowledgement
   * takes little longer than the quickest one, and shrinks once a round when it takes far longer.
   * Brakmo and Peterson, "TCP Vegas", IEEE JSAC 13 (1995).
   */
  #tuneWindow(sentMs: number): void {
    const nowMs = this.#options.ioClock.monotonicMs();
    const tookMs = nowMs - sentMs;
    this.#quickestMs = Math.min(this.#quickestMs, tookMs);
    const queuedMs = tookMs - this.#quickestMs;
    if (queuedMs < queueDelayMsMax / 2) {
      this.#backlogWindow = Math.min(backlogWindowMax, this.#backlogWindow + 1 / 4);
    } else if (queuedMs > queueDelayMsMax && sentMs > this.#shrunkAtMs) {
      this.#shrunkAtMs = nowMs;
      const fitting = (this.#backlogWindow * queueDelayMsMax) / queuedMs;
      this.#backlogWindow = Math.max(backlogWindowMin, fitting);
    }
  }

  /** Claims a page, queues it but for the first, which it returns; undefined when nothing is left. */
  #nextBacklogPage(): Parcel | undefined {
    while (this.#backlog.length === 0 && !this.#backlogDone) {
      const range = { afterId: this.#backlogAfter, beforeId: this.#liveFrom, limit: backlogPage };
      const page = this.#options.outbox.claim("telemetry", range);
      this.#backlogAfter = page.afterId;
      this.#backlogDone = page.isLast;
      for (const parcel of page.parcels) {
        if (this.#taken.has(parcel.id)) continue;
        this.#taken.add(parcel.id);
        this.#backlog.push(parcel);
      }
    }
    return this.#backlog.shift();
  }

  #isYoung(parcel: Parcel): boolean {
    const madeMs = this.#madeMs[parcel.stream].get(parcel.id);
    return madeMs !== undefined && this.#options.ioClock.monotonicMs() - madeMs <= liveWithinMs;
  }

  /** A fog that could not store a message never acknowledges it; only a new connection sends it again. */
  #checkFlights(): void {
    const [oldest] = this.#flights;
    if (!oldest) return;
    const silentMs = this.#options.ioClock.monotonicMs() - oldest.sentMs;
    if (silentMs < acknowledgeWithinMs) return;
    this.#options.onFailed(new EdgeFault("EDGE_LINK_SILENT", { silentMs }));
  }

  async #send(parcel: Parcel, backlog: boolean, landed: () => void): Promise<void> {
    const connection = this.#connection;
    const flight = { sentMs: this.#options.ioClock.monotonicMs() };
    this.#flights.add(flight);
    const { outbox, publish, onAcknowledged, onFailed } = this.#options;
    const bytes = backlog ? asBacklog(parcel.bytes) : parcel.bytes;
    this.#sent.bytes += bytes.length;
    try {
      await publish(parcel.stream, bytes);
    } catch (error) {
      if (connection === this.#connection) onFailed(error);
      return;
    }
    // Late news counts too: the fog has it, whatever became of the connection since.
    outbox.acknowledge(parcel.stream, parcel.id);
    onAcknowledged();
    if (connection !== this.#connection) return;
    landed();
    this.#flights.delete(flight);
    if (parcel.stream === "telemetry") this.#taken.delete(parcel.id);
    this.pump();
    this.#tellSettled();
  }
}
