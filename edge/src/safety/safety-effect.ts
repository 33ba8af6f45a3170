/** What the safety logic wants done. */
import type { EventFields } from "../hand-over.ts";

/** Put `value` on the output and keep it there while `rule` is latched. */
export interface WriteEffect {
  readonly do: "write";
  readonly output: number;
  readonly value: number;
  readonly rule: number;
  /** Time to get there in small steps, plant clock; 0: at once. */
  readonly overMs: number;
}

/** All but writes; the order of a list is the order of doing. */
export type SafetyEffect =
  | WriteEffect
  /** Nothing holds the output any longer; `value` is written when it is given. */
  | { do: "release"; output: number; value: number | undefined; rule: number }
  /** Put the state on disk before anything that follows. */
  | { do: "persist" }
  /** `tripOf`: the rule whose trip this tells of. */
  | { do: "report"; event: EventFields; tripOf?: number }
  | { do: "answer"; ref: string; accepted: boolean; reason: string };

/** Shared by every call that has nothing to say: the hot path makes no garbage. */
export const noEffects: readonly SafetyEffect[] = Object.freeze([]);
export const noWrites: readonly WriteEffect[] = Object.freeze([]);

type EventBody = NonNullable<EventFields["body"]>;

export const report = (atMs: number, body: EventBody): SafetyEffect => ({
  do: "report",
  event: { atMs, body },
});

export const bypassReport = (
  atMs: number,
  value: { rule: string; active: boolean; by: string; reason: string; expiresAtMs: number },
): SafetyEffect => report(atMs, { case: "bypass", value });

export const answerTo = (ref: string, accepted: boolean, reason: string): SafetyEffect => ({
  do: "answer",
  ref,
  accepted,
  reason,
});
