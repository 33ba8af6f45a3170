/** Real – act, known operation, sensor fault: a label for the next training. */

import type { FeedbackBody, IncidentView } from "@weir/contracts/api/fog.ts";
import { post } from "@weir/ui/api.ts";
import { OrderOutcome, order } from "@weir/ui/order.tsx";
import { may } from "@weir/ui/session-state.ts";
import { useState } from "preact/hooks";
import { plant } from "./plant.ts";

const choices: { choice: FeedbackBody["choice"]; title: string; hint: string }[] = [
  { choice: "real", title: "Real – act", hint: "something is wrong in the plant" },
  { choice: "operation", title: "Known operation", hint: "cleaning, calibration, a changeover" },
  { choice: "sensor_fault", title: "Sensor fault", hint: "the plant is fine, the sensor is not" },
];

export function FeedbackButtons({
  incident,
  onDone,
}: {
  incident: IncidentView;
  onDone: (incident: IncidentView) => void;
}) {
  const [choice, setChoice] = useState<FeedbackBody["choice"] | null>(null);
  if (!may("operator")) return <p class="soft">An operator can say here what this was.</p>;
  const subject = `feedback/${incident.id}`;
  const path = `/api/incidents/${encodeURIComponent(incident.id)}/feedback`;
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (choice === null) return;
    const form = new FormData(event.target as HTMLFormElement);
    const body: FeedbackBody = { choice, notes: String(form.get("notes") ?? "") };
    if (choice === "operation") body.operation = String(form.get("operation")).trim();
    const isDone = await order(subject, async () => {
      onDone(await post<IncidentView>(path, body));
      return "Stored. It labels this time span for the next training; nothing else changes.";
    });
    if (isDone) setChoice(null);
  };
  return (
    <section class="panel feedback stack">
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
      {choice !== null && <FeedbackForm choice={choice} onSubmit={send} />}
      <OrderOutcome subject={subject} />
    </section>
  );
}

function FeedbackForm({
  choice,
  onSubmit,
}: {
  choice: FeedbackBody["choice"];
  onSubmit: (event: SubmitEvent) => void;
}) {
  return (
    <form class="row" onSubmit={onSubmit}>
      {choice === "operation" && (
        <>
          <input
            name="operation"
            list="operations"
            placeholder="Which operation"
            aria-label="Which operation"
            required
          />
          <datalist id="operations">
            {plant.value?.operations?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </datalist>
        </>
      )}
      <input
        class="grow"
        name="notes"
        placeholder="Anything worth remembering (optional)"
        aria-label="Notes"
      />
      <button type="submit">Store</button>
    </form>
  );
}
