/** An edge or a cloud of a later version sends numbers that this fog has no label for: nothing is guessed. */
import { create } from "@bufbuild/protobuf";
import { ArtifactStateSchema } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  HealthProblemSchema,
  OutputStatusSchema,
  TagConditionSchema,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { type Event, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { expect, test } from "vitest";
import { NoticeBoard } from "../correlation/notice-board.ts";
import { TripBoard } from "../correlation/trip-board.ts";
import { edgeProblem } from "../health/edge-problem.ts";
import { artifactView } from "./artifact-view.ts";
import { conditionWords } from "./condition-words.ts";
import { eventView } from "./event-words.ts";
import { outputView } from "./output-view.ts";

const later = 17 as never;
const time = siteTimeOf("UTC");
const textOf = (event: Event) =>
  eventView("oven", event, { backlog: false, waveformBytes: 0, time }).text;

test("an artifact of an unknown kind is no forest, an unknown outcome is not staged", () => {
  const state = create(ArtifactStateSchema, { name: "x", kind: later, outcome: later });
  expect(artifactView(state)).toMatchObject({ kind: "unknown (17)", outcome: "unknown (17)" });
});

test("what became of an output is unknown: neither confirmed nor failed", () => {
  const order = { rule: "HOT", output: "coil", state: "off", outcome: later };
  const event = create(EventSchema, { id: "o", atMs: 2, body: { case: "output", value: order } });
  expect(textOf(event)).toContain("unknown (17)");
  expect(outputView(create(OutputStatusSchema, order)).outcome).toBe("pending");
  const board = new TripBoard();
  const value = { rule: "HOT", outputs: ["coil"] };
  board.take("oven", create(EventSchema, { id: "t", atMs: 1, body: { case: "trip", value } }));
  board.take("oven", event);
  expect(board.of("oven", "HOT")?.outputs[0]).toMatchObject({ outcome: "written" });
});

test("what became of a configuration is unknown: it is not told as refused", () => {
  const value = { sha256: "0123456789", outcome: later, by: "file" };
  const event = create(EventSchema, { id: "c", atMs: 1, body: { case: "configuration", value } });
  expect(textOf(event)).toBe(
    "oven was offered configuration 01234567 from its file; what became of it is unknown (17)",
  );
  const board = new NoticeBoard();
  board.take("oven", event);
  expect(board.offered("oven")?.outcome).toBe("unknown (17)");
});

test("an unknown quality, reason or severity is none that reassures", () => {
  const value = { tag: "MIXER/TEMP", quality: later };
  const event = create(EventSchema, { id: "q", atMs: 1, body: { case: "quality", value } });
  expect(textOf(event)).toBe("MIXER/TEMP is uncertain");
  expect(conditionWords(create(TagConditionSchema, { reason: 99 as never }))).toBe("not good");
  expect(edgeProblem(create(HealthProblemSchema, { severity: later })).severity).toBe("medium");
});

test("an alert of an unknown rule and an event of an unknown kind are told", () => {
  const alert = { tag: "MIXER/TEMP", rule: later, active: true };
  const event = create(EventSchema, { id: "a", atMs: 1, body: { case: "alert", value: alert } });
  expect(textOf(event)).toBe("MIXER/TEMP: Unusual");
  expect(textOf(create(EventSchema, { id: "n", atMs: 1 }))).toBe("an event this fog does not know");
});
