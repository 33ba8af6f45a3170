import { expect, test } from "vitest";
import { aboutWhen, learningText, stageLearningText } from "./learning.ts";

const view = { learned: 31, total: 45, current: null, next: "P3", nextInMs: 240_000 };

test("progress is one sentence", () => {
  expect(learningText(view)).toBe("31 of 45 stages learned, next P3 in 4 min");
  expect(learningText({ ...view, current: "P2", nextInMs: null })).toBe(
    "31 of 45 stages learned, learning P2, next P3",
  );
  expect(learningText({ ...view, learned: 1, total: 1, next: null })).toBe("1 of 1 stage learned");
  expect(learningText({ ...view, total: 0 })).toBe("no stage is known yet");
});

test("a time to come is told on the site's wall clock, across midnight and the change of summer time", () => {
  const at = (iso: string, tz = "Europe/Vienna") => ({ nowMs: Date.parse(iso), tz });
  const when = Date.parse("2026-11-30T02:00:00Z");
  expect(aboutWhen(when, at("2026-11-29T10:00:00Z"))).toBe("about 03:00 tomorrow");
  expect(aboutWhen(when, at("2026-11-29T23:30:00Z"))).toBe("about 03:00 today");
  expect(aboutWhen(when, at("2026-11-30T01:40:00Z"))).toBe("in about 20 min");
  expect(aboutWhen(when, at("2026-11-01T10:00:00Z"))).toBe("about 30 Nov");
  // The clocks go back in that night: 02:00 UTC is 03:00, no longer 04:00.
  expect(aboutWhen(Date.parse("2026-10-25T02:00:00Z"), at("2026-10-24T12:00:00Z"))).toBe(
    "about 03:00 tomorrow",
  );
  const stage = { stage: "P7", reason: "9 h of history, 24 h wanted", whenMs: when };
  expect(stageLearningText(stage, at("2026-11-29T10:00:00Z"))).toBe(
    "P7: 9 h of history, 24 h wanted: about 03:00 tomorrow",
  );
});
