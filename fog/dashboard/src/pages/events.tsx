/** What the edges decided, newest first; and who changed what. */
import type { AuditView, EventView } from "@weir/contracts/api/fog.ts";
import { useLoad } from "@weir/ui/load.ts";
import { may } from "@weir/ui/session.tsx";
import { dayTime } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";

const limit = 300;

/** A plant that starts tells the quality of every reading; nothing else shall drown in it. */
const choices: readonly { name: string; kinds: readonly EventView["kind"][] }[] = [
  { name: "All", kinds: [] },
  {
    name: "Protection",
    kinds: ["trip", "output", "reset", "bypass", "proof-test", "waveform", "configuration"],
  },
  { name: "Sensors", kinds: ["alert", "quality"] },
  { name: "Lines and models", kinds: ["link", "artifact", "dropped"] },
];

export function EventsPage() {
  const [chosen, setChosen] = useState("All");
  const kinds = choices.find(({ name }) => name === chosen)?.kinds ?? [];
  const only = kinds.length > 0 ? `&kinds=${kinds.join(",")}` : "";
  const [state] = useLoad<EventView[]>(`/api/events?limit=${limit}${only}`);
  const [audit] = useLoad<AuditView[]>(may("engineer") ? `/api/audit?limit=${limit}` : null);
  return (
    <div class="columns">
      <section class="panel events">
        <h2>Events</h2>
        <fieldset class="row plain" aria-label="Which events">
          {choices.map(({ name }) => (
            <button
              key={name}
              type="button"
              class={name === chosen ? "chosen" : ""}
              onClick={() => setChosen(name)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        {state.at === "failed" && <p class="problem">{state.why}</p>}
        {state.at === "here" && state.value.length === 0 && <p class="empty">None yet.</p>}
        {state.at === "here" && (
          <div class="scroll">
            <table>
              <tbody>
                {state.value.map((event) => (
                  <tr key={event.id}>
                    <td class="soft">{dayTime(event.atMs)}</td>
                    <td>{event.kind.replace("-", " ")}</td>
                    <td class="name">{event.stage || event.edge}</td>
                    <td>
                      {event.text} {event.backlog && <span class="soft">(arrived late)</span>}
                      {event.hasWaveform && (
                        <a href={`#/waveform/${encodeURIComponent(event.id)}`}>Look at it</a>
                      )}
                      {event.details && (
                        <ul>
                          {event.details.map((line) => (
                            <li key={line}>{line}</li>
                          ))}
                        </ul>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {may("engineer") && (
        <section class="panel">
          <h2>
            Audit <span class="soft">hash-chained</span>
          </h2>
          {audit.at === "here" && (
            <div class="scroll">
              <table>
                <tbody>
                  {audit.value.map((line) => (
                    <tr key={`${line.atMs}${line.action}${line.subject}`}>
                      <td class="soft">{dayTime(line.atMs)}</td>
                      <td class="name">{line.actor}</td>
                      <td>{line.action}</td>
                      <td class="words">
                        {line.subject} <span class="soft">{line.detail}</span>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      )}
    </div>
  );
}
