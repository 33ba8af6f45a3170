/**
 * Orders that a person gives, and what became of each: told where it was given, until it is dismissed,
 * also when the page was left meanwhile.
 */
import { signal } from "@preact/signals";
import { NoAnswer, post } from "./api.ts";
import { siteNow } from "./site-clock.ts";
import { secondTime } from "./time-format.ts";

export interface Outcome {
  at: "sending" | "done" | "refused" | "unknown";
  text: string;
  /** By the server's clock; null while that is unknown. */
  atMs: number | null;
}

const outcomes = signal<Readonly<Record<string, Outcome>>>({});

export const outcomeOf = (subject: string): Outcome | undefined => outcomes.value[subject];

export function dismiss(subject: string): void {
  const { [subject]: _, ...others } = outcomes.value;
  outcomes.value = others;
}

const tell = (subject: string, at: Outcome["at"], text: string): void => {
  outcomes.value = { ...outcomes.value, [subject]: { at, text, atMs: siteNow.peek() } };
};

/**
 * Does `work`, which answers with what to say when it is done, and keeps what became of it under
 * `subject`. Resolves to whether it was done.
 */
export async function order(subject: string, work: () => Promise<string>): Promise<boolean> {
  tell(subject, "sending", "Waiting for the answer…");
  try {
    tell(subject, "done", await work());
    return true;
  } catch (error) {
    tell(subject, error instanceof NoAnswer ? "unknown" : "refused", whyNot(error));
    return false;
  }
}

/** Why an order was not carried out, or that nobody knows whether it was. */
export function whyNot(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof NoAnswer
    ? `No answer: ${text}. It is not known whether this was done; look before you try again.`
    : text;
}

export interface EdgeAnswer {
  accepted: boolean;
  reason: string;
}

/** The server took the order, and the edge refused it. */
export class RefusedByEdge extends Error {}

/** Sends an order through to an edge; resolves to what the edge said with its yes. @throws RefusedByEdge */
export async function orderEdge(path: string, body: object): Promise<string> {
  const { accepted, reason } = await post<EdgeAnswer>(path, body);
  if (!accepted) throw new RefusedByEdge(`Refused by the edge: ${reason || "it gave no reason"}`);
  return reason;
}

const marks: Record<Outcome["at"], string> = {
  sending: "…",
  done: "✓",
  refused: "✕",
  unknown: "?",
};

export function OrderOutcome({ subject }: { subject: string }) {
  const outcome = outcomeOf(subject);
  if (!outcome) return null;
  const { at, text, atMs } = outcome;
  const isBad = at === "refused" || at === "unknown";
  return (
    <div class={`outcome outcome-${at}`} role={isBad ? "alert" : "status"}>
      <span aria-hidden="true">{marks[at]}</span>
      <span class="grow">
        {text} {atMs !== null && at !== "sending" && <span class="soft">{secondTime(atMs)}</span>}
      </span>
      {at !== "sending" && (
        <button type="button" class="quiet" onClick={() => dismiss(subject)}>
          Dismiss
        </button>
      )}
    </div>
  );
}

/** Subjects of orders that begin so, whose outcome is still shown. */
export const ordersUnder = (prefix: string): string[] =>
  Object.keys(outcomes.value).filter((subject) => subject.startsWith(prefix));

/** An order given elsewhere, such as in a dialog that has closed, was carried out. */
export const tellDone = (subject: string, text: string): void => tell(subject, "done", text);
