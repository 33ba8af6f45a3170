/** One ticket: what to do, why, by when, and closing it, which labels the time span for training. */

import type { HealthSeriesView, TicketStatus, TicketView } from "@weir/contracts/api/cloud.ts";
import { post } from "@weir/ui/api.ts";
import { Glyph } from "@weir/ui/glyph.tsx";
import { useLoad } from "@weir/ui/load.ts";
import { may } from "@weir/ui/session.tsx";
import { Trends } from "@weir/ui/trend-range.tsx";
import { dayTime, number, percent } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";
import { HealthChart } from "../health-chart.tsx";
import { severityOf } from "../ticket-card.tsx";

export function TicketPage({ id }: { id: string }) {
  const [state, replace] = useLoad<TicketView>(`/api/tickets/${encodeURIComponent(id)}`);
  const query =
    state.at === "here"
      ? `site=${encodeURIComponent(state.value.site)}&stage=${encodeURIComponent(state.value.stage)}`
      : "";
  const [health] = useLoad<HealthSeriesView>(query ? `/api/health-series?${query}` : null);
  if (state.at === "loading") return <p class="empty">Loading…</p>;
  if (state.at === "failed") return <p class="problem">{state.why}</p>;
  const ticket = state.value;
  return (
    <div class="stack">
      <div class="row">
        <Glyph severity={severityOf[ticket.priority]} />
        <h1>{ticket.title}</h1>
      </div>
      <div class="two">
        <div class="stack">
          <section class="panel">
            <p>{ticket.summary}</p>
            <h2>Do</h2>
            <ol>
              {ticket.recommendedActions.map((action) => (
                <li key={action}>{action}</li>
              ))}
            </ol>
            {ticket.partsHint.length > 0 && <p>Bring: {ticket.partsHint.join(", ")}</p>}
            {ticket.safetyNotes && <p class="safety">{ticket.safetyNotes}</p>}
          </section>
          <Facts ticket={ticket} />
          <Close ticket={ticket} onDone={replace} />
          <section class="panel">
            <h2>History</h2>
            {ticket.history.map((line) => (
              <p key={`${line.atMs}${line.text}`}>
                <span class="soft">{dayTime(line.atMs)}</span> {line.by}: {line.text}
              </p>
            ))}
          </section>
        </div>
        <div class="stack">
          {health.at === "here" && <HealthChart health={health.value} />}
          {ticket.evidence.map((evidence) => (
            <section key={`${evidence.text}${evidence.fromMs}`} class="panel">
              <h2>{evidence.text}</h2>
              <Trends
                path={`/api/history?site=${encodeURIComponent(ticket.site)}`}
                tags={evidence.tags}
                fromMs={evidence.fromMs}
                toMs={evidence.toMs}
              />
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}

function Facts({ ticket }: { ticket: TicketView }) {
  const predicted = ticket.predictedFailure;
  return (
    <section class="panel">
      <dl class="facts">
        <dt>Asset</dt>
        <dd>
          {ticket.assetPath} ({ticket.equipmentClass})
        </dd>
        <dt>Status</dt>
        <dd>
          {ticket.status.replace("_", " ")}, {ticket.priority}, due {dayTime(ticket.dueAtMs)}
        </dd>
        <dt>Failure mode</dt>
        <dd>
          {ticket.failureMode} {ticket.mechanism && `· ${ticket.mechanism}`}
        </dd>
        <dt>Seen</dt>
        <dd>
          {dayTime(ticket.firstSeenMs)} to {dayTime(ticket.lastSeenMs)}, {ticket.occurrences} times
        </dd>
        {predicted && (
          <>
            <dt>Fails by</dt>
            <dd>
              {dayTime(predicted.p50Ms)}{" "}
              <span class="soft">
                ({dayTime(predicted.p10Ms)} to {dayTime(predicted.p90Ms)})
              </span>
            </dd>
          </>
        )}
        <dt>Found by</dt>
        <dd>
          {ticket.detector.model} v{ticket.detector.version}, {number(ticket.detector.score)}{" "}
          against {number(ticket.detector.threshold)}, confidence {percent(ticket.confidence)}
        </dd>
      </dl>
    </section>
  );
}

const next: { status: TicketStatus; title: string }[] = [
  { status: "acknowledged", title: "Acknowledge" },
  { status: "in_progress", title: "Start work" },
  { status: "on_hold", title: "Hold" },
];

function Close({ ticket, onDone }: { ticket: TicketView; onDone: (ticket: TicketView) => void }) {
  const [problem, setProblem] = useState("");
  if (!may("operator") || ["closed", "cancelled"].includes(ticket.status)) return null;
  const send = async (body: Record<string, unknown>) => {
    try {
      onDone(await post<TicketView>(`/api/tickets/${encodeURIComponent(ticket.id)}/status`, body));
      setProblem("");
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const close = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    void send({ status: "closed", closeCode: form.get("closeCode"), notes: form.get("notes") });
  };
  return (
    <section class="panel stack">
      <div class="row">
        {next
          .filter((one) => one.status !== ticket.status)
          .map((one) => (
            <button key={one.status} type="button" onClick={() => send({ status: one.status })}>
              {one.title}
            </button>
          ))}
      </div>
      <form class="row" onSubmit={close}>
        <select name="closeCode" aria-label="What was found">
          <option value="confirmed">confirmed and repaired</option>
          <option value="no_fault_found">no fault found</option>
          <option value="operation">known operation</option>
          <option value="duplicate">duplicate</option>
        </select>
        <input class="grow" name="notes" placeholder="What was done" aria-label="What was done" />
        <button type="submit">Close</button>
      </form>
      {problem && <p class="problem">{problem}</p>}
    </section>
  );
}
