/** All incidents, and what is not shown as one: suppressed by another, bypassed, out of service. */

import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { useLoading } from "@weir/ui/load.ts";
import { route, setQuery } from "@weir/ui/route.ts";
import { Show } from "@weir/ui/show.tsx";
import { IncidentCard } from "../incident-card.tsx";
import { plant } from "../plant.ts";
import { SuppressedList } from "../suppressed-list.tsx";

const limit = 200;
const choices = ["open", "closed", "all", "suppressed"] as const;
type Choice = (typeof choices)[number];

export function IncidentsPage() {
  const asked = route.value.query.get("show");
  const which = choices.find((one) => one === asked) ?? "open";
  const many = (choice: Choice): number | undefined =>
    choice === "open"
      ? plant.value?.incidentCount
      : choice === "suppressed"
        ? plant.value?.suppressed.length
        : undefined;
  return (
    <div class="stack">
      <div class="row">
        <h1>Incidents</h1>
        {choices.map((choice) => (
          <button
            key={choice}
            type="button"
            class={choice === which ? "chosen" : ""}
            aria-pressed={choice === which}
            onClick={() => setQuery({ show: choice === "open" ? null : choice })}
          >
            {choice} {many(choice) ? <span class="badge">{many(choice)}</span> : null}
          </button>
        ))}
      </div>
      {which === "suppressed" ? <SuppressedList /> : <List key={which} which={which} />}
    </div>
  );
}

const emptyWords: Record<Exclude<Choice, "suppressed">, string> = {
  open: "None is open. Whether that means anything is on the plant's page: which stages are judged now.",
  closed: "None has been closed yet.",
  all: "There has been none yet.",
};

function List({ which }: { which: Exclude<Choice, "suppressed"> }) {
  const loading = useLoading<IncidentView[]>(`/api/incidents?state=${which}&limit=${limit}`);
  return (
    <Show loading={loading} what="the incidents">
      {(list) => (
        <>
          {list.length === 0 && (
            <p class="empty">
              {emptyWords[which]} <a href="#/">To the plant</a>
            </p>
          )}
          {list.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} />
          ))}
          {list.length === limit && <p class="soft">The newest {limit} are shown.</p>}
        </>
      )}
    </Show>
  );
}
