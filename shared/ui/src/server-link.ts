/**
 * Whether the server is heard. It says something at least every two seconds, whatever happens at the
 * plant; a page that hears nothing for `silentAfterMs` knows nothing of now and has to say so. A process
 * that hangs keeps its connections, so silence is the only sign of it.
 */
import { computed, signal } from "@preact/signals";
import { pageNow, siteNow } from "./site-clock.ts";

/** Milliseconds without a word after which the server counts as lost: two of its beats. */
export const silentAfterMs = 4_000;

export type ServerLink =
  /** The page has just been opened. */
  | { at: "connecting" }
  | { at: "live" }
  /** For so many milliseconds of real time; `hasSpoken` false: it never answered this page. */
  | { at: "lost"; forMs: number; hasSpoken: boolean };

export interface LinkTimes {
  /** When the page began to listen, and when it last heard something; by its own clock. */
  openedMs: number;
  heardMs: number | null;
}

export function linkAt(nowMs: number, { openedMs, heardMs }: LinkTimes): ServerLink {
  const forMs = nowMs - (heardMs ?? openedMs);
  if (forMs >= silentAfterMs) return { at: "lost", forMs, hasSpoken: heardMs !== null };
  return heardMs === null ? { at: "connecting" } : { at: "live" };
}

const times = signal<LinkTimes | null>(null);
/** What the server's clock showed at its last word; null before the first. */
export const lastWordMs = signal<number | null>(null);

export const serverLink = computed<ServerLink>(() =>
  times.value ? linkAt(pageNow.value, times.value) : { at: "connecting" },
);

/** The page listens from now on. */
export function linkOpened(): void {
  times.value ??= { openedMs: performance.now(), heardMs: null };
}

/** The page does not listen for now: nothing is known of the server, neither that it lives nor that it is lost. */
export function linkClosed(): void {
  times.value = null;
}

/** Something came from the server; `serverMs` is what its clock shows, where it says so. */
export function linkHeard(serverMs?: number): void {
  const nowMs = performance.now();
  const before = times.value ?? { openedMs: nowMs, heardMs: null };
  lastWordMs.value = serverMs ?? siteNow.peek();
  times.value = { ...before, heardMs: nowMs };
}
