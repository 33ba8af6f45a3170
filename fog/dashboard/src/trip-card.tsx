/** A latched trip: first-out cause, what was driven, whether feedback confirmed it, and the reset. */

import type { TripView } from "@weir/contracts/api/fog.ts";
import { confirmedBy, unchecked } from "@weir/contracts/output-confirmation.ts";
import { FreshMark, freshClass } from "@weir/ui/freshness.tsx";
import { Glyph } from "@weir/ui/glyph.tsx";
import { OrderOutcome, order, orderEdge, outcomeOf } from "@weir/ui/order.tsx";
import { may } from "@weir/ui/session-state.ts";
import { siteNow } from "@weir/ui/site-clock.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { number, span } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";

const outcomeWords = {
  written: "written, waiting for feedback",
  verified: "verified",
  failed: "FEEDBACK DID NOT FOLLOW",
  "second-path": "second path driven",
} as const;

/** What an order about a trip is kept under. */
export const resetSubject = ({ edge, rule }: Pick<TripView, "edge" | "rule">): string =>
  `reset/${edge}/${rule}`;

/** How an output stands, when it was first confirmed, and that it was lost since. */
export function outputWords(
  { outcome, detail, confirmedAfterMs, lostAtMs }: TripView["outputs"][number],
  nowMs: number,
): string {
  if (detail === unchecked) return `written; ${unchecked}`;
  const by = outcome === "verified" ? ` by ${confirmedBy(detail)}` : "";
  const word = `${outcomeWords[outcome]}${by}`;
  if (confirmedAfterMs === undefined) return word;
  const first = `${outcome === "verified" ? "" : ", first verified"} after ${span(confirmedAfterMs)}`;
  if (lostAtMs === undefined) return `${word}${first}`;
  const again = outcome === "verified" ? " and verified again" : "";
  return `${word}${first}, lost ${sinceAndAge(lostAtMs, nowMs)}${again}`;
}

/** What a reset sets free. */
export const resetMeaning = ({ outputs }: Pick<TripView, "outputs">): string =>
  outputs.length > 0 ? "its outputs may start" : "it drives no output";

export function TripCard({ trip }: { trip: TripView }) {
  const nowMs = siteNow.value ?? trip.atMs;
  return (
    <article class={`trip ${freshClass(trip.freshness)}`}>
      <header class="row">
        <Glyph severity="tripped" />
        <strong>
          {trip.stage && <a href={`#/stage/${encodeURIComponent(trip.stage)}`}>{trip.stage}</a>}{" "}
          {trip.rule}
        </strong>
        {trip.firstOut && <span class="tag">first out</span>}
        {trip.simulated && <span class="tag">test</span>}
        <span class="soft grow right">since {sinceAndAge(trip.atMs, nowMs)}</span>
      </header>
      <p>
        {trip.cause}{" "}
        {!trip.simulated && (
          <span class="soft">
            ({number(trip.value)} against {number(trip.limit)})
          </span>
        )}
      </p>
      <p class={trip.outcome === "failed" ? "problem" : ""}>
        <strong>{trip.outcomeText}</strong>
      </p>
      <ul class="outputs">
        {trip.outputs.map((output) => (
          <li key={output.output} class={output.outcome === "failed" ? "problem" : ""}>
            {output.output} → <strong>{output.state}</strong>: {outputWords(output, nowMs)}
            {output.detail && <span class="soft"> {output.detail}</span>}
          </li>
        ))}
      </ul>
      {trip.writtenAfterMs > 0 && (
        <p class="soft">
          Reading in memory to write on the wire: {trip.writtenAfterMs.toFixed(2)} ms
        </p>
      )}
      {trip.freshness.state !== "live" && (
        <p>
          <FreshMark fresh={trip.freshness} /> {trip.edge}: whether it is still latched is not
          known.
        </p>
      )}
      {trip.waveform && (
        <p>
          <a href={`#/waveform/${encodeURIComponent(trip.waveform)}`}>
            How the machine shook before
          </a>
        </p>
      )}
      <Reset trip={trip} />
    </article>
  );
}

function Reset({ trip }: { trip: TripView }) {
  const [isAsking, setAsking] = useState(false);
  const subject = resetSubject(trip);
  const isSending = outcomeOf(subject)?.at === "sending";
  if (!may("supervisor")) return <p class="soft">A supervisor can reset this trip.</p>;
  const reset = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = new FormData(event.target as HTMLFormElement).get("reason");
    const path = `/api/trips/${encodeURIComponent(trip.edge)}/${encodeURIComponent(trip.rule)}/reset`;
    const isDone = await order(subject, async () => {
      const said = await orderEdge(path, { reason });
      return `${trip.rule}: reset accepted by ${trip.edge}${said ? `: ${said}` : "."}`;
    });
    // A refused order keeps its words: whoever mends the cause sends them again.
    if (isDone) setAsking(false);
  };
  return (
    <div class="stack">
      {!isAsking && (
        <div class="row">
          <button type="button" class="reset" onClick={() => setAsking(true)}>
            Reset {trip.rule}…
          </button>
          <span class="soft">
            {trip.resettable ? "The cause is gone." : `Would be refused: ${trip.resetBlockedBy}`}
          </span>
        </div>
      )}
      {isAsking && (
        <form class="row" onSubmit={reset}>
          <input
            name="reason"
            placeholder="What was checked?"
            aria-label="What was checked?"
            required
            minLength={3}
          />
          <button type="submit" class="danger" disabled={isSending}>
            Reset {trip.rule}: {resetMeaning(trip)}
          </button>
          <button type="button" class="quiet" onClick={() => setAsking(false)}>
            Cancel
          </button>
        </form>
      )}
      <OrderOutcome subject={subject} />
    </div>
  );
}
