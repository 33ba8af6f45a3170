import { create } from "@bufbuild/protobuf";
import { ConfigurationOutcome, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { expect, test } from "vitest";
import type { Story } from "./story.ts";
import { tellEvent } from "./story-words.ts";

test("a configuration on trial is told as on trial: nobody knows yet whether it is kept", () => {
  const told: { text: string; why: string }[] = [];
  const story = { tell: (one: { text: string; why: string }) => told.push(one) };
  const value = { outcome: ConfigurationOutcome.ACTIVE, by: "file", reason: "on trial for 2m" };
  const event = create(EventSchema, { id: "e/1/1", body: { case: "configuration", value } });
  tellEvent(story as unknown as Story, event, { edge: "edge-1", stageOf: () => "" });
  expect(told).toMatchObject([{ text: "edge-1 runs another configuration, on trial for 2m." }]);
  expect(told[0]?.why).not.toMatch(/proven|kept once/);
  expect(told[0]?.why).toMatch(/taken back when/);
});
