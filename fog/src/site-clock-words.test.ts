/** What people read of days and times goes by the clock of their site, through both changes of summer time. */
import { create } from "@bufbuild/protobuf";
import { EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { expect, test } from "vitest";
import { eventView } from "./api/event-words.ts";
import { droppedSign } from "./correlation/edge-signs.ts";

const time = siteTimeOf("Europe/Vienna");
const at = (iso: string): number => Date.parse(iso);

test.each([
  ["2026-03-28T22:30:00Z", "2026-03-28"], // 23:30, winter
  ["2026-03-29T22:30:00Z", "2026-03-30"], // 0:30, summer: still the 29th in UTC
  ["2026-10-24T22:30:00Z", "2026-10-25"],
  ["2026-10-25T22:30:00Z", "2026-10-25"], // 23:30, winter again
])("a proof test that is due at %s is due on %s", (due, day) => {
  const value = { rule: "P-HIGH", by: "ana", passed: true, dueAtMs: at(due) };
  const event = create(EventSchema, { body: { case: "proofTest", value } });
  const { text } = eventView("edge-1", event, { backlog: false, waveformBytes: 0, time });
  expect(text).toContain(`next due ${day})`);
});

test("readings that were dropped over the hour that comes twice: which of the two is said", () => {
  const span = { fromMs: at("2026-10-25T00:30:00Z"), toMs: at("2026-10-25T01:30:00Z") };
  const value = { ...span, readings: 40 };
  const event = create(EventSchema, { body: { case: "dropped", value } });
  if (event.body.case !== "dropped") throw new TypeError("no dropped event");
  const facts = { edge: "edge-1", tags: undefined as never, stageName: String, time };
  expect(droppedSign(event, event.body.value, facts).story).toContain(
    "The readings of 2026-10-25 02:30 +02:00 to 2026-10-25 02:30 +01:00 will not come",
  );
});
