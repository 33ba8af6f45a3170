/**
 * Something that goes on while a page can be seen. Browsers allow one host six connections over HTTP/1.1,
 * for all tabs together: a stream of each tab in the background would leave none for the one in front.
 */

/** Milliseconds that a page may be hidden before it lets go: looking at another tab for a moment costs nothing. */
export const hiddenMaxMs = 10_000;

/** The part of a document that says whether it can be seen. */
export type VisiblePage = Pick<Document, "visibilityState"> &
  Pick<EventTarget, "addEventListener" | "removeEventListener">;

/**
 * Calls `begin` now, `end` when `page` has been hidden for `hiddenMaxMs`, and `begin` again as soon as it is
 * seen, until the returned function is called. A page that was opened hidden counts as hidden from now on.
 */
export function whileVisible(page: VisiblePage, begin: () => void, end: () => void): () => void {
  let isGoing = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (page.visibilityState === "hidden") {
      timer = setTimeout(() => {
        isGoing = false;
        end();
      }, hiddenMaxMs);
    } else if (!isGoing) {
      isGoing = true;
      begin();
    }
  };
  begin();
  page.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", look);
  };
}
