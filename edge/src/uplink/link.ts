/** Life of the connection to the fog, as data: (link, happening) → [link, effects]. Timers and sockets live outside. */
import type { LinkTrouble } from "./link-trouble.ts";

export type Link =
  /** Waiting for the next attempt. `attempt` counts failures in a row. */
  | { at: "offline"; attempt: number }
  | { at: "connecting"; attempt: number }
  /** Connected; subscriptions and birth are on their way. */
  | { at: "greeting"; attempt: number }
  | { at: "live"; attempt: number }
  | { at: "stopped" };

export type Happening =
  | { what: "start" }
  | { what: "retry-due" }
  | { what: "connected" }
  | { what: "greeted" }
  /** `livedMs`: how long it had been connected, 0 when it never was. */
  | { what: "lost"; trouble: LinkTrouble; livedMs: number }
  | { what: "stop" };

export type Effect =
  | { do: "dial" }
  | { do: "greet" }
  /** Begin to send what the outbox holds. */
  | { do: "drain" }
  /** Tell people, once per change. */
  | { do: "report"; online: boolean; trouble?: LinkTrouble }
  | { do: "hang-up" }
  | { do: "wait"; attempt: number };

export const firstLink: Link = { at: "offline", attempt: 0 };

export function nextLink(link: Link, happening: Happening): [Link, Effect[]] {
  if (link.at === "stopped") return [link, []];
  switch (happening.what) {
    case "stop":
      return [{ at: "stopped" }, [{ do: "hang-up" }]];
    case "start":
    case "retry-due":
      if (link.at !== "offline") return [link, []];
      return [{ at: "connecting", attempt: link.attempt }, [{ do: "dial" }]];
    case "connected":
      if (link.at !== "connecting") return [link, []];
      return [{ at: "greeting", attempt: link.attempt }, [{ do: "greet" }]];
    case "greeted":
      if (link.at !== "greeting") return [link, []];
      return [
        { at: "live", attempt: link.attempt },
        [{ do: "report", online: true }, { do: "drain" }],
      ];
    case "lost":
      return lost(link, happening);
  }
}

function lost(
  link: Link,
  { trouble, livedMs }: { trouble: LinkTrouble; livedMs: number },
): [Link, Effect[]] {
  // The end of a connection is told by every publish that was waiting; the first one counts.
  if (link.at === "offline" || link.at === "stopped") return [link, []];
  // A fog that throws us out as soon as we are in gets the same patience as one that does not answer.
  const attempt = livedMs >= settledAfterMs ? 0 : link.attempt + 1;
  const hangUp: Effect[] = link.at === "connecting" ? [] : [{ do: "hang-up" }];
  return [
    { at: "offline", attempt },
    [...hangUp, { do: "report", online: false, trouble }, { do: "wait", attempt }],
  ];
}

/** A connection that lived so long was a good one, I/O milliseconds. */
export const settledAfterMs = 10_000;

/** First pause and ceiling of the back-off, I/O milliseconds. */
export const backoffFirstMs = 500;
export const backoffMaxMs = 30_000;

/** Doubles with each failure up to the ceiling; `uniform` in [0, 1) spreads edges that lost the fog together. */
export function backoffMs(attempt: number, uniform: number): number {
  const ceiling = Math.min(backoffMaxMs, backoffFirstMs * 2 ** Math.min(attempt, 16));
  return ceiling * (0.5 + 0.5 * uniform);
}
