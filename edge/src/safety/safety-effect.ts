/** What the safety logic wants done. The order of a list is the order of doing. */
import type { EventFields } from "../hand-over.ts";

export type SafetyEffect =
  /** Put `value` on the output and keep it there while `rule` is latched. */
  | { do: "write"; output: number; value: number; rule: number }
  /** Nothing holds the output any longer; `value` is written when it is given. */
  | { do: "release"; output: number; value: number | undefined; rule: number }
  /** Put the state on disk before anything that follows. */
  | { do: "persist" }
  | { do: "report"; event: EventFields }
  | { do: "answer"; ref: string; accepted: boolean; reason: string };

/** Shared by every call that has nothing to say: the hot path makes no garbage. */
export const noEffects: readonly SafetyEffect[] = Object.freeze([]);

type EventBody = NonNullable<EventFields["body"]>;

export const report = (atMs: number, body: EventBody): SafetyEffect => ({
  do: "report",
  event: { atMs, body },
});

export const bypassReport = (
  atMs: number,
  value: { rule: string; active: boolean; by: string; reason: string; expiresAtMs: number },
): SafetyEffect => report(atMs, { case: "bypass", value });
