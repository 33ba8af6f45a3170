/** Conservation of readings: acquired = delivered + thinned + dropped + pending, exactly, always. */

/** Counts of readings since the outbox was created. */
export interface Ledger {
  /** Handed over by the control thread. */
  acquired: number;
  /** Acknowledged by the fog. */
  delivered: number;
  /** Left out by filter policy. */
  thinned: number;
  /** Evicted because there was no room; each range is an event. */
  dropped: number;
  /** In memory or in the outbox. */
  pending: number;
}

export const emptyLedger: Readonly<Ledger> = {
  acquired: 0,
  delivered: 0,
  thinned: 0,
  dropped: 0,
  pending: 0,
};

export const addLedgers = (a: Ledger, b: Ledger): Ledger => ({
  acquired: a.acquired + b.acquired,
  delivered: a.delivered + b.delivered,
  thinned: a.thinned + b.thinned,
  dropped: a.dropped + b.dropped,
  pending: a.pending + b.pending,
});

export const balances = (ledger: Ledger): boolean =>
  ledger.acquired === ledger.delivered + ledger.thinned + ledger.dropped + ledger.pending;
