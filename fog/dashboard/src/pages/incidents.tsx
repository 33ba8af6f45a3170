/** All incidents, open ones first. */

import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { useLoad } from "@weir/ui/load.ts";
import { useState } from "preact/hooks";
import { IncidentCard } from "../incident-card.tsx";

const limit = 200;

export function IncidentsPage() {
  const [which, setWhich] = useState<"open" | "closed" | "all">("open");
  const [state] = useLoad<IncidentView[]>(`/api/incidents?state=${which}&limit=${limit}`);
  return (
    <div class="stack">
      <div class="row">
        <h1>Incidents</h1>
        {(["open", "closed", "all"] as const).map((choice) => (
          <button
            key={choice}
            type="button"
            class={choice === which ? "chosen" : ""}
            onClick={() => setWhich(choice)}
          >
            {choice}
          </button>
        ))}
      </div>
      {state.at === "loading" && <p class="empty">Loading…</p>}
      {state.at === "failed" && <p class="problem">{state.why}</p>}
      {state.at === "here" && state.value.length === 0 && <p class="empty">None.</p>}
      {state.at === "here" &&
        state.value.map((incident) => <IncidentCard key={incident.id} incident={incident} />)}
    </div>
  );
}
