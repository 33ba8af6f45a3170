/** What becomes of a ticket: work on it, closing with an outcome that a person chooses, and correcting that. */
import type { TicketStatus, TicketView } from "@weir/contracts/api/cloud.ts";
import { post } from "@weir/ui/api.ts";
import { Ask } from "@weir/ui/ask.tsx";
import { OrderOutcome, order, outcomeOf } from "@weir/ui/order.tsx";
import { may } from "@weir/ui/session-state.ts";
import { useState } from "preact/hooks";

type CloseCode = Exclude<TicketView["closeCode"], "">;

/** Each outcome, and what it tells the next training. */
const outcomes: readonly { code: CloseCode; title: string; effect: string }[] = [
  {
    code: "confirmed",
    title: "The fault was there and is repaired",
    effect: "this time counts as a fault and is never learned as normal",
  },
  {
    code: "no_fault_found",
    title: "No fault was found",
    effect: "this time counts as healthy and is learned as normal",
  },
  {
    code: "operation",
    title: "It was a known operation",
    effect: "the same is kept quiet for two weeks",
  },
  { code: "duplicate", title: "Another ticket is about the same", effect: "nothing is learned" },
];

export const outcomeTitle = (code: TicketView["closeCode"]): string =>
  outcomes.find((one) => one.code === code)?.title ?? "";

const steps: readonly { status: TicketStatus; title: string }[] = [
  { status: "acknowledged", title: "Acknowledge" },
  { status: "in_progress", title: "Start work" },
  { status: "on_hold", title: "Put on hold" },
];

const stepWords: Partial<Record<TicketStatus, string>> = {
  acknowledged: "Acknowledged.",
  in_progress: "Work has begun.",
  on_hold: "On hold.",
  open: "Opened again; its label is withdrawn.",
  closed: "Closed.",
};

export interface TicketOutcomeProps {
  ticket: TicketView;
  onDone: (ticket: TicketView) => void;
}

export function TicketOutcome({ ticket, onDone }: TicketOutcomeProps) {
  const [dialog, setDialog] = useState<"close" | "reopen" | null>(null);
  const subject = `ticket/${ticket.id}`;
  if (!may("operator"))
    return <p class="soft">An operator can acknowledge and close this ticket.</p>;
  const isFinished = ticket.status === "closed" || ticket.status === "cancelled";
  const allowed = (status: TicketStatus): boolean =>
    ticket.allowedStatus ? ticket.allowedStatus.includes(status) : !isFinished;
  const change = async (body: { status: TicketStatus; closeCode?: string; notes?: string }) => {
    const path = `/api/tickets/${encodeURIComponent(ticket.id)}/status`;
    onDone(await post<TicketView>(path, body));
    return stepWords[body.status] ?? "Done.";
  };
  const isSending = outcomeOf(subject)?.at === "sending";
  const dialogProps = { ticket, subject, change, onClose: () => setDialog(null) };
  return (
    <section class="panel stack">
      <h2>What becomes of it</h2>
      {ticket.status === "closed" && (
        <p>
          Closed: <strong>{outcomeTitle(ticket.closeCode) || "without an outcome"}</strong>
          {ticket.closeNotes && <span class="soft"> {ticket.closeNotes}</span>}
        </p>
      )}
      <div class="row">
        {steps
          .filter(({ status }) => status !== ticket.status && allowed(status))
          .map(({ status, title }) => (
            <button
              key={status}
              type="button"
              disabled={isSending}
              onClick={() => void order(subject, () => change({ status }))}
            >
              {title}
            </button>
          ))}
        {allowed("closed") && (
          <button type="button" class="primary" onClick={() => setDialog("close")}>
            {isFinished ? "Correct the outcome…" : "Close…"}
          </button>
        )}
        {isFinished && allowed("open") && (
          <button type="button" onClick={() => setDialog("reopen")}>
            Open again…
          </button>
        )}
      </div>
      <OrderOutcome subject={subject} />
      {dialog === "close" && <CloseDialog {...dialogProps} />}
      {dialog === "reopen" && <ReopenDialog {...dialogProps} />}
    </section>
  );
}

interface DialogProps {
  ticket: TicketView;
  subject: string;
  change: (body: { status: TicketStatus; closeCode?: string; notes?: string }) => Promise<string>;
  onClose: () => void;
}

/** The dialog shows a refusal; the page shows what was done. */
async function sendAndTell(subject: string, work: () => Promise<string>): Promise<void> {
  const text = await work();
  await order(subject, () => Promise.resolve(text));
}

function CloseDialog({ ticket, subject, change, onClose }: DialogProps) {
  const send = (form: FormData) =>
    sendAndTell(subject, () =>
      change({
        status: "closed",
        closeCode: String(form.get("closeCode") ?? ""),
        notes: String(form.get("notes") ?? "").trim(),
      }),
    );
  const isCorrection = ticket.status === "closed";
  return (
    <Ask
      title={isCorrection ? `Correct the outcome of ${ticket.id}` : `Close ${ticket.id}`}
      action={isCorrection ? "Correct" : "Close"}
      onSend={send}
      onClose={onClose}
    >
      <p>What was it? The answer is learned from, and can be corrected later.</p>
      <div>
        {outcomes.map(({ code, title, effect }) => (
          <label key={code} class="choice">
            <input type="radio" name="closeCode" value={code} required />
            <span>
              {title}
              {code === ticket.closeCode && <strong> (so far)</strong>}
              <span class="soft block">{effect}</span>
            </span>
          </label>
        ))}
      </div>
      <div class="field">
        <label for="close-notes">What was found and done?</label>
        <input
          id="close-notes"
          name="notes"
          autocomplete="off"
          defaultValue={ticket.closeNotes}
          maxLength={2000}
        />
      </div>
    </Ask>
  );
}

function ReopenDialog({ ticket, subject, change, onClose }: DialogProps) {
  const send = (form: FormData) =>
    sendAndTell(subject, () =>
      change({ status: "open", notes: String(form.get("notes") ?? "").trim() }),
    );
  return (
    <Ask title={`Open ${ticket.id} again`} action="Open again" onSend={send} onClose={onClose}>
      <p>Its outcome and the label it wrote are withdrawn.</p>
      <div class="field">
        <label for="reopen-notes">Why?</label>
        <input id="reopen-notes" name="notes" required minLength={3} autocomplete="off" />
      </div>
    </Ask>
  );
}
