/** Server-sent events: the newest message of each kind, and whether the line is up. */
import { signal } from "@preact/signals";

export const lineUp = signal(true);

/**
 * Calls `onMessage` for each message of the `kinds` (the names of the server's events) until the
 * returned function is called. The browser reconnects by itself.
 */
export function listen<Message extends { kind: string }>(
  path: string,
  kinds: readonly Message["kind"][],
  onMessage: (message: Message) => void,
): () => void {
  const source = new EventSource(path);
  source.onopen = () => {
    lineUp.value = true;
  };
  source.onerror = () => {
    lineUp.value = false;
  };
  for (const kind of kinds) {
    source.addEventListener(kind, (event) =>
      onMessage(JSON.parse((event as MessageEvent<string>).data) as Message),
    );
  }
  return () => source.close();
}
