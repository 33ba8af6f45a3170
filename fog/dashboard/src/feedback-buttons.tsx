/** Real – act, known operation, sensor fault: a label for the next training (operator.md §3.5). */

import type { FeedbackBody, IncidentView } from "@weir/contracts/api/fog.ts";
import { post } from "@weir/ui/api.ts";
import { may } from "@weir/ui/session.tsx";
import { useState } from "preact/hooks";

const choices: { choice: FeedbackBody["choice"]; title: string; hint: string }[] = [
  { choice: "real", title: "Real – act", hint: "something is wrong in the plant" },
  { choice: "operation", title: "Known operation", hint: "backwash, calibration, cleaning, rain" },
  { choice: "sensor_fault", title: "Sensor fault", hint: "the water is fine, the probe is not" },
];

const operations = ["backwash", "calibration", "cip", "rain", "other"] as const;

export function FeedbackButtons({
  incident,
  onDone,
}: {
  incident: IncidentView;
  onDone: (incident: IncidentView) => void;
}) {
  const [choice, setChoice] = useState<FeedbackBody["choice"] | null>(null);
  const [said, setSaid] = useState("");
  if (!may("operator")) return <p class="soft">An operator can say here what this was.</p>;
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const body: FeedbackBody = {
      choice: choice as FeedbackBody["choice"],
      notes: String(form.get("notes") ?? ""),
    };
    if (choice === "operation") body.operation = String(form.get("operation"));
    try {
      onDone(
        await post<IncidentView>(
          `/api/incidents/${encodeURIComponent(incident.id)}/feedback`,
          body,
        ),
      );
      setSaid("Stored. It labels this time span for the next training; nothing else changes.");
      setChoice(null);
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
  return (
    <section class="panel feedback">
      <h2>What was it?</h2>
      <div class="row">
        {choices.map((one) => (
          <button
            key={one.choice}
            type="button"
            title={one.hint}
            class={(choice ?? incident.label) === one.choice ? "chosen" : ""}
            onClick={() => setChoice(one.choice)}
          >
            {one.title}
          </button>
        ))}
      </div>
      {choice !== null && (
        <form class="row" onSubmit={send}>
          {choice === "operation" && (
            <select name="operation" aria-label="Which operation">
              {operations.map((operation) => (
                <option key={operation}>{operation}</option>
              ))}
            </select>
          )}
          <input
            class="grow"
            name="notes"
            placeholder="Anything worth remembering (optional)"
            aria-label="Notes"
          />
          <button type="submit">Store</button>
        </form>
      )}
      {said && <p role="status">{said}</p>}
    </section>
  );
}
