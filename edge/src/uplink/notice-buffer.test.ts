import { expect, test } from "vitest";
import type { Notice } from "../hand-over.ts";
import { NoticeBuffer, readingNoticesMax } from "./notice-buffer.ts";

const tags = (configSha256: string): Notice => ({ kind: "tags", tags: [], configSha256 });
const readings = (): Notice => ({
  kind: "readings",
  batch: {
    tags: new Uint16Array(1),
    timesMs: new Float64Array(1),
    values: new Float64Array(1),
    qualities: new Uint8Array(1),
  },
});
const event: Notice = { kind: "event", event: { atMs: 1, body: { case: undefined } } };

test("a new thread hears the tag table first, then what happened meanwhile", () => {
  const buffer = new NoticeBuffer();
  buffer.note(tags("a"), false);
  buffer.note(readings(), false);
  buffer.note(event, true);
  buffer.note(readings(), true);
  expect(buffer.replay().map((notice) => notice.kind)).toEqual(["tags", "event", "readings"]);
  expect(buffer.replay().map((notice) => notice.kind)).toEqual(["tags"]);
});

test("readings of an old table are not replayed under a new one, and memory is bounded", () => {
  const buffer = new NoticeBuffer();
  for (let i = 0; i < readingNoticesMax + 5; i++) buffer.note(readings(), true);
  expect(buffer.takeLost()).toBe(5);
  buffer.note(tags("b"), true);
  expect(buffer.takeLost()).toBe(readingNoticesMax);
  expect(buffer.replay()).toEqual([tags("b")]);
});
