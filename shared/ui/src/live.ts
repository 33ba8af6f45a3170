/** Server-sent events: the newest message of each kind, and whether the line is up. */
import { signal } from "@preact/signals";

export const lineUp = signal(true);

/** Calls `onMessage` for each message until the returned function is called. The browser reconnects by itself. */
export function listen<Message>(path: string, onMessage: (message: Message) => void): () => void {
  const source = new EventSource(path);
  source.onopen = () => {
    lineUp.value = true;
  };
  source.onerror = () => {
    lineUp.value = false;
  };
  source.onmessage = (event) => onMessage(JSON.parse(event.data as string) as Message);
  return () => source.close();
}
