/** Server-sent events: the newest message of each kind, through whatever happens to the connection. */
import { linkClosed, linkHeard, linkOpened, serverLink } from "./server-link.ts";
import { runSiteClock, setSiteClock } from "./site-clock.ts";
import { whileVisible } from "./while-visible.ts";

/** Milliseconds between attempts while the server is not heard. */
const retryMs = 3_000;

/** Sent at least every two seconds, so that silence means something; `plantNowMs` is the server's clock. */
interface Beat {
  plantNowMs?: number;
}

/**
 * Calls `onMessage` for each message of the `kinds` (the names of the server's events) until the
 * returned function is called. A connection that broke, ended or says nothing is opened anew; a page that
 * is hidden has none, since a browser allows one host only six.
 */
export function listen<Message extends { kind: string }>(
  path: string,
  kinds: readonly Message["kind"][],
  onMessage: (message: Message) => void,
): () => void {
  const stopClock = runSiteClock();
  let source: EventSource | undefined;
  let openedAtMs = 0;
  const open = () => {
    source?.close();
    openedAtMs = performance.now();
    source = new EventSource(path);
    source.addEventListener("beat", (event) => {
      const { plantNowMs } = JSON.parse((event as MessageEvent<string>).data) as Beat;
      if (plantNowMs !== undefined) setSiteClock(plantNowMs);
      linkHeard(plantNowMs);
    });
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        linkHeard();
        onMessage(JSON.parse((event as MessageEvent<string>).data) as Message);
      });
    }
  };
  const begin = () => {
    linkOpened();
    open();
  };
  const end = () => {
    source?.close();
    source = undefined;
    linkClosed();
  };
  const stopWatching = whileVisible(document, begin, end);
  const timer = setInterval(() => {
    if (!source) return;
    const isClosed = source.readyState === EventSource.CLOSED;
    const isSilent = serverLink.value.at === "lost" && performance.now() - openedAtMs > retryMs;
    if (isSilent || (isClosed && performance.now() - openedAtMs > retryMs / 2)) open();
  }, retryMs / 3);
  return () => {
    clearInterval(timer);
    stopWatching();
    source?.close();
    stopClock();
  };
}
