/** Each connection of an edge: how busy, how busy it should be, and what goes wrong on it. */
import type { BusView } from "@weir/contracts/api/fog.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { bytes, count, number, percent } from "@weir/ui/words.ts";

/** Above this a bus has no room left for what is urgent. */
const fullShare = 0.8;

export interface EdgeBusesProps {
  buses: readonly BusView[];
  nowMs: number;
}

export function EdgeBuses({ buses, nowMs }: EdgeBusesProps) {
  return (
    <div class="stack">
      <h3>Connections</h3>
      {buses.length === 0 && <p class="empty">None reported yet.</p>}
      {buses.map((bus) => (
        <Bus key={bus.id} bus={bus} nowMs={nowMs} />
      ))}
    </div>
  );
}

function Bus({ bus, nowMs }: { bus: BusView; nowMs: number }) {
  const width = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
  const isFull = bus.utilisation > fullShare;
  const load = `busy ${percent(bus.utilisation)}${bus.budget > 0 ? `, needs ${percent(bus.budget)}` : ""}`;
  return (
    <div class="bus">
      <div class="row">
        <strong>{bus.id}</strong>
        <span class="soft">{bus.kind}</span>
        {!bus.connected && (
          <span class="problem">
            ✕ down{bus.sinceMs !== null && ` since ${sinceAndAge(bus.sinceMs, nowMs)}`}
            {bus.reason && `: ${bus.reason}`}
          </span>
        )}
        <span class={isFull ? "amber grow right" : "soft grow right"}>{load}</span>
      </div>
      <div class={isFull ? "meter full" : "meter plain"} role="img" aria-label={load} title={load}>
        <i style={{ width: width(bus.utilisation) }} />
        {bus.budget > 0 && <b style={{ left: width(bus.budget) }} />}
      </div>
      <p class="soft">
        {count(bus.requests)} requests, {count(bus.failures)} failed
        {bus.roundTripMsP99 > 0 &&
          ` · round trip ${number(bus.roundTripMsP50)} ms, p99 ${number(bus.roundTripMsP99)} ms`}
        {bus.reconnects > 0 && ` · connected anew ${count(bus.reconnects)} ×`}
      </p>
      {bus.heardAtMs !== null && (
        <p class="soft">last heard on it {sinceAndAge(bus.heardAtMs, nowMs)}</p>
      )}
      {bus.deadDevices.length > 0 && (
        <p class="problem">✕ no answer from {bus.deadDevices.join(", ")}</p>
      )}
      {bus.skippedPolls > 0 && (
        <p class="amber">▲ {count(bus.skippedPolls)} readings left out: the bus had no time</p>
      )}
      {bus.stalledPolls > 0 && (
        <p class="amber">
          ▲ {count(bus.stalledPolls)} readings left out: the agent was not let run; its machine is
          overloaded, or it was stopped
        </p>
      )}
      {bus.discardedBytes > 0 && (
        <p class="soft">{bytes(bus.discardedBytes)} belonged to no answer</p>
      )}
    </div>
  );
}
