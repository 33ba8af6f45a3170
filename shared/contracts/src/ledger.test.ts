import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  acquire,
  addLedgers,
  balanced,
  emptyLedger,
  type LedgerPlace,
  ledgerPlaces,
  move,
  unaccounted,
} from "./ledger.ts";

const place = fc.constantFrom<LedgerPlace[]>(...ledgerPlaces);

const happening = fc.record({
  enters: fc.boolean(),
  from: place,
  to: place,
  count: fc.nat(1000),
});

const afterAll = (all: { enters: boolean; from: LedgerPlace; to: LedgerPlace; count: number }[]) =>
  all.reduce((ledger, { enters, from, to, count }) => {
    if (enters) return acquire(ledger, to, count);
    return move(ledger, from, { to, count: Math.min(count, ledger[from]) });
  }, emptyLedger());

test("whatever happens, it adds up", () => {
  fc.assert(
    fc.property(fc.array(happening), fc.array(happening), (some, others) => {
      const ledger = afterAll(some);
      expect(balanced(ledger)).toBe(true);
      expect(balanced(addLedgers(ledger, afterAll(others)))).toBe(true);
    }),
  );
});

test("one reading lost or invented is seen", () => {
  const ledger = acquire(emptyLedger(), "pending", 10);
  expect(unaccounted({ ...ledger, pending: 9 })).toBe(1);
  expect(balanced({ ...ledger, pending: 9 })).toBe(false);
  expect(balanced({ ...ledger, delivered: 1 })).toBe(false);
});

test("counts that add up but cannot be are refused", () => {
  expect(balanced({ ...emptyLedger(), delivered: -1, pending: 1 })).toBe(false);
  expect(balanced({ ...emptyLedger(), acquired: 0.5, pending: 0.5 })).toBe(false);
  expect(balanced({ ...emptyLedger(), acquired: Number.NaN })).toBe(false);
  expect(balanced({ ...emptyLedger(), acquired: 2 ** 53, pending: 2 ** 53 })).toBe(false);
});
