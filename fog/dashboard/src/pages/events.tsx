/** What the edges decided, newest first; and who changed what. */
import type { AuditView, EventView } from "@weir/contracts/api/fog.ts";
import { useLoading } from "@weir/ui/load.ts";
import { route, setQuery } from "@weir/ui/route.ts";
import { may } from "@weir/ui/session-state.ts";
import { Show } from "@weir/ui/show.tsx";
import { dayTime } from "@weir/ui/time-format.ts";

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
  const chosen = choices.find(({ name }) => name === route.value.query.get("show")) ?? choices[0];
  return (
    <div class="columns">
      <section class="panel events">
        <h2>Events</h2>
        <fieldset class="row plain" aria-label="Which events">
          {choices.map(({ name }) => (
            <button
              key={name}
              type="button"
              class={name === chosen?.name ? "chosen" : ""}
              aria-pressed={name === chosen?.name}
              onClick={() => setQuery({ show: name === "All" ? null : name })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <Events key={chosen?.name} kinds={chosen?.kinds ?? []} />
      </section>
      {may("engineer") && (
        <section class="panel">
          <h2>
            Audit <span class="soft">hash-chained</span>
          </h2>
          <Audit />
        </section>
      )}
    </div>
  );
}

function Events({ kinds }: { kinds: readonly EventView["kind"][] }) {
  const only = kinds.length > 0 ? `&kinds=${kinds.join(",")}` : "";
  const loading = useLoading<EventView[]>(`/api/events?limit=${limit}${only}`);
  return (
    <Show loading={loading} what="the events">
      {(list) =>
        list.length === 0 ? (
          <p class="empty">
            None yet{kinds.length > 0 ? " of this kind" : ": they come with what edges decide"}.
          </p>
        ) : (
          <div class="scroll">
            <table>
              <tbody>
                {list.map((event) => (
                  <EventRow key={event.id} event={event} />
                ))}
              </tbody>
            </table>
            {list.length === limit && <p class="soft">The newest {limit} are shown.</p>}
          </div>
        )
      }
    </Show>
  );
}

function EventRow({ event }: { event: EventView }) {
  return (
    <tr>
      <td class="soft name">{dayTime(event.atMs)}</td>
      <td>{event.kind.replace("-", " ")}</td>
      <td class="name">{event.stage || event.edge}</td>
      <td>
        {event.text} {event.backlog && <span class="soft">(arrived late)</span>}
        {event.hasWaveform && <a href={`#/waveform/${encodeURIComponent(event.id)}`}>Look at it</a>}
        {event.details && (
          <ul>
            {event.details.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

function Audit() {
  const loading = useLoading<AuditView[]>(`/api/audit?limit=${limit}`);
  return (
    <Show loading={loading} what="the audit">
      {(list) =>
        list.length === 0 ? (
          <p class="empty">Nobody has changed anything yet.</p>
        ) : (
          <div class="scroll">
            <table>
              <tbody>
                {list.map((line) => (
                  <tr key={`${line.atMs}${line.action}${line.subject}`}>
                    <td class="soft name">{dayTime(line.atMs)}</td>
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
        )
      }
    </Show>
  );
}
