import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { linkClosed, linkHeard, linkOpened, serverLink } from "./server-link.ts";
import { hiddenMaxMs, whileVisible } from "./while-visible.ts";

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";

  turn(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** What has been done with the stream of `page`. */
function watched(page: Page) {
  const done: string[] = [];
  const stop = whileVisible(
    page,
    () => done.push("open"),
    () => done.push("close"),
  );
  return { done, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a page hidden for ten seconds lets go of its stream and opens it as soon as it is seen", () => {
  const page = new Page();
  const { done } = watched(page);
  expect(done).toEqual(["open"]);
  page.turn("hidden");
  vi.advanceTimersByTime(hiddenMaxMs - 1);
  expect(done).toEqual(["open"]);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(["open", "close"]);
  page.turn("visible");
  expect(done).toEqual(["open", "close", "open"]);
});

test("a short look at another tab keeps the stream", () => {
  const page = new Page();
  const { done } = watched(page);
  for (let look = 0; look < 5; look++) {
    page.turn("hidden");
    vi.advanceTimersByTime(hiddenMaxMs / 2);
    page.turn("visible");
  }
  vi.advanceTimersByTime(2 * hiddenMaxMs);
  expect(done).toEqual(["open"]);
});

test("a page opened in the background lets go too; one that has stopped does nothing more", () => {
  const page = new Page();
  page.visibilityState = "hidden";
  const { done } = watched(page);
  vi.advanceTimersByTime(hiddenMaxMs);
  expect(done).toEqual(["open", "close"]);

  const other = new Page();
  const { done: ofOther, stop } = watched(other);
  other.turn("hidden");
  stop();
  vi.advanceTimersByTime(2 * hiddenMaxMs);
  other.turn("visible");
  expect(ofOther).toEqual(["open"]);
});

test("a page that is seen again knows nothing of the server until it hears it", () => {
  linkOpened();
  linkHeard();
  linkClosed();
  expect(serverLink.value).toEqual({ at: "connecting" });
  linkOpened();
  expect(serverLink.value).toEqual({ at: "connecting" });
});
