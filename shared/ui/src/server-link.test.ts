import { expect, test } from "vitest";
import { linkAt, silentAfterMs } from "./server-link.ts";

test("a server that says nothing for four seconds is lost, and back with its first word", () => {
  const opened = { openedMs: 1_000, heardMs: null };
  expect(linkAt(2_000, opened)).toEqual({ at: "connecting" });
  expect(linkAt(1_000 + silentAfterMs, opened)).toMatchObject({ at: "lost", hasSpoken: false });
  const heard = { openedMs: 1_000, heardMs: 10_000 };
  expect(linkAt(10_000 + silentAfterMs - 1, heard)).toEqual({ at: "live" });
  expect(linkAt(10_000 + 60_000, heard)).toEqual({ at: "lost", forMs: 60_000, hasSpoken: true });
  expect(linkAt(70_001, { ...heard, heardMs: 70_000 })).toEqual({ at: "live" });
});

test("what a page promises: it says so within five seconds", () => {
  const checkedEveryMs = 500;
  expect(silentAfterMs + checkedEveryMs).toBeLessThan(5_000);
});
