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

test("readings are replayed under their own table, whichever came after, and memory is bounded", () => {
  const buffer = new NoticeBuffer();
  buffer.note(tags("a"), false);
  buffer.note(readings(), true);
  buffer.note(tags("b"), true);
  buffer.note(tags("c"), true);
  for (let i = 0; i < readingNoticesMax + 4; i++) buffer.note(readings(), true);
  expect(buffer.takeLost()).toBe(5);
  const kinds = buffer
    .replay()
    .map((notice) => (notice.kind === "tags" ? notice.configSha256 : "r"));
  expect(kinds.slice(0, 4)).toEqual(["a", "r", "c", "r"]);
  expect(kinds).toHaveLength(2 + readingNoticesMax);
  expect(buffer.replay()).toEqual([tags("c")]);
});
