/**
 * Conservation of readings, as arithmetic: acquired = delivered + thinned + dropped + pending, exactly,
 * always. Counts are integers in float64, exact to 2^53: a thousand readings a second for 285 000 years.
 */

/** The counts of a `Ledger` message (edge.proto). */
export interface LedgerCounts {
  acquired: number;
  /** Acknowledged by the fog. */
  delivered: number;
  /** Left out by filter policy. */
  thinned: number;
  /** Evicted from a full outbox. */
  dropped: number;
  /** In memory or in the outbox. */
  pending: number;
}

/** Where a reading that was acquired can be. */
export type LedgerPlace = Exclude<keyof LedgerCounts, "acquired">;

export const ledgerPlaces: readonly LedgerPlace[] = ["delivered", "thinned", "dropped", "pending"];

export const emptyLedger = (): LedgerCounts => ({
  acquired: 0,
  delivered: 0,
  thinned: 0,
  dropped: 0,
  pending: 0,
});

/** Readings acquired that no place accounts for; negative when places account for too many. */
export const unaccounted = (ledger: LedgerCounts): number =>
  ledger.acquired - ledger.delivered - ledger.thinned - ledger.dropped - ledger.pending;

/** Every count is a whole number ≥ 0, and they add up. */
export function balanced(ledger: LedgerCounts): boolean {
  const counts = [ledger.acquired, ...ledgerPlaces.map((place) => ledger[place])];
  return (
    counts.every((count) => Number.isSafeInteger(count) && count >= 0) && unaccounted(ledger) === 0
  );
}

/** The ledger of two parts together, such as an outbox and what waits in front of it. */
export const addLedgers = (a: LedgerCounts, b: LedgerCounts): LedgerCounts => ({
  acquired: a.acquired + b.acquired,
  delivered: a.delivered + b.delivered,
  thinned: a.thinned + b.thinned,
  dropped: a.dropped + b.dropped,
  pending: a.pending + b.pending,
});

/** `count` readings enter, to `place`. */
export const acquire = (ledger: LedgerCounts, place: LedgerPlace, count: number): LedgerCounts => ({
  ...ledger,
  acquired: ledger.acquired + count,
  [place]: ledger[place] + count,
});

/** `count` readings go from one place to another. */
export const move = (
  ledger: LedgerCounts,
  from: LedgerPlace,
  { to, count }: { to: LedgerPlace; count: number },
): LedgerCounts => {
  const moved = { ...ledger };
  moved[from] -= count;
  moved[to] += count;
  return moved;
};
