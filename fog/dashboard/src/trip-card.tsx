/** A latched trip: first-out cause, what was driven, whether feedback confirmed it, and the reset. */

import type { TripView } from "@weir/contracts/api/fog.ts";
import { post } from "@weir/ui/api.ts";
import { Glyph } from "@weir/ui/glyph.tsx";
import { may } from "@weir/ui/session.tsx";
import { clockTime, number, span } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";

const outcomeWords = {
  written: "written, waiting for feedback",
  verified: "verified by feedback",
  failed: "FEEDBACK DID NOT FOLLOW",
  "second-path": "second path driven",
} as const;

export function TripCard({ trip }: { trip: TripView }) {
  return (
    <article class="trip">
      <header class="row">
        <Glyph severity="tripped" />
        <strong>
          <a href={`#/stage/${trip.stage}`}>{trip.stage}</a> {trip.rule}
        </strong>
        {trip.firstOut && <span class="tag">first out</span>}
        {trip.simulated && <span class="tag">test</span>}
        <span class="soft grow right">{clockTime(trip.atMs)}</span>
      </header>
      <p>
        {trip.cause}{" "}
        {!trip.simulated && (
          <span class="soft">
            ({number(trip.value)} against {number(trip.limit)})
          </span>
        )}
      </p>
      <ul class="outputs">
        {trip.outputs.map((output) => (
          <li key={output.output} class={output.outcome === "failed" ? "problem" : ""}>
            {output.output} → <strong>{output.state}</strong>: {outcomeWords[output.outcome]}
            {output.outcome === "verified" && ` after ${span(output.afterMs)}`}
            {output.detail && <span class="soft"> {output.detail}</span>}
          </li>
        ))}
      </ul>
      <p class="soft">
        Reading in memory to write on the wire: {trip.writtenAfterMs.toFixed(2)} ms
      </p>
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
  const [asking, setAsking] = useState(false);
  const [answer, setAnswer] = useState("");
  if (!may("supervisor")) return <p class="soft">A supervisor can reset this trip.</p>;
  const reset = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = new FormData(event.target as HTMLFormElement).get("reason");
    try {
      const result = await post<{ accepted: boolean; reason: string }>(
        `/api/trips/${encodeURIComponent(trip.edge)}/${encodeURIComponent(trip.rule)}/reset`,
        { reason },
      );
      setAnswer(
        result.accepted ? "Reset accepted by the edge." : `Refused by the edge: ${result.reason}`,
      );
      setAsking(false);
    } catch (error) {
      setAnswer((error as Error).message);
    }
  };
  return (
    <div class="row">
      {!asking && (
        <button type="button" class="reset" onClick={() => setAsking(true)}>
          Reset…
        </button>
      )}
      {!asking && (
        <span class="soft">
          {answer ||
            (trip.resettable
              ? "The cause is gone."
              : "The cause is still there: the edge would refuse.")}
        </span>
      )}
      {asking && (
        <form class="row" onSubmit={reset}>
          <input
            name="reason"
            placeholder="What was checked?"
            aria-label="What was checked?"
            required
            minLength={3}
          />
          <button type="submit" class="danger">
            Reset {trip.rule}
          </button>
          <button type="button" class="quiet" onClick={() => setAsking(false)}>
            Cancel
          </button>
        </form>
      )}
    </div>
  );
}
