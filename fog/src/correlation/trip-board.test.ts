/** A trip's outputs over time: its first confirmation stands, what is lost later is told beside it. */
import { create } from "@bufbuild/protobuf";
import { EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { EventSchema, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { expect, test } from "vitest";
import { TripBoard } from "./trip-board.ts";
import { outcomeOf } from "./trip-outcome.ts";

const hourMs = 3_600_000;
const order = { rule: "HOT", output: "coil", state: "off" };

function tripped() {
  const board = new TripBoard();
  const trip = { rule: "HOT", outputs: ["coil"] };
  board.take(
    "oven",
    create(EventSchema, { id: "t", atMs: 1, body: { case: "trip", value: trip } }),
  );
  const said = (outcome: OutputOutcome, afterMs: number) => {
    const value = { ...order, outcome, afterMs };
    const body = { case: "output", value } as const;
    board.take("oven", create(EventSchema, { id: `${afterMs}`, atMs: 1 + afterMs, body }));
  };
  const newest = () => board.of("oven", "HOT")?.outputs[0];
  return { board, said, newest };
}

test("verified again after ten hours, by event or by status: the first confirmation stands", () => {
  const { board, said, newest } = tripped();
  said(OutputOutcome.WRITTEN, 20);
  expect(newest()?.confirmedAfterMs).toBeUndefined();
  said(OutputOutcome.VERIFIED, 300);
  expect(newest()).toMatchObject({ confirmedAfterMs: 300, lostAtMs: undefined });
  said(OutputOutcome.FAILED, 10 * hourMs);
  expect(newest()).toMatchObject({ outcome: "failed", confirmedAfterMs: 300 });
  expect(newest()?.lostAtMs).toBe(1 + 10 * hourMs);
  const trip = board.of("oven", "HOT");
  expect(trip && outcomeOf(trip).text).toBe(
    "TRIP FAILED: coil was confirmed and then lost; isolate locally",
  );
  const sinceMs = 11 * hourMs;
  const output = { ...order, outcome: OutputOutcome.VERIFIED, sinceMs };
  board.reconcile(
    "oven",
    create(EdgeStatusSchema, { atMs: sinceMs, latchedTrips: ["HOT"], outputs: [output] }),
  );
  expect(newest()).toMatchObject({ outcome: "verified", confirmedAfterMs: 300 });
  expect(newest()?.lostAtMs).toBe(1 + 10 * hourMs);
});

test("a confirmation that comes again counts since its loss and is never taken for the first", () => {
  const { board, said, newest } = tripped();
  said(OutputOutcome.WRITTEN, 20);
  const value = { ...order, outcome: OutputOutcome.VERIFIED, afterMs: 1_200, again: true };
  const body = { case: "output", value } as const;
  board.take("oven", create(EventSchema, { id: "a", atMs: 5 * hourMs, body }));
  expect(newest()).toMatchObject({ outcome: "verified", confirmedAfterMs: undefined });
});

test("one that never followed did not follow, and its late confirmation is its first", () => {
  const { board, said, newest } = tripped();
  said(OutputOutcome.FAILED, 2_000);
  const trip = board.of("oven", "HOT");
  expect(trip && outcomeOf(trip).text).toContain("coil did not follow");
  said(OutputOutcome.VERIFIED, 9_000);
  expect(newest()).toMatchObject({ confirmedAfterMs: 9_000, lostAtMs: undefined });
});
