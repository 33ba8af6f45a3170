/** Each edge: its link, its ledger, its buses, and the versions it runs. */
import type { EdgeView } from "@weir/contracts/api/fog.ts";
import { bytes, clockTime, count, number, percent, span } from "@weir/ui/words.ts";
import { ArtifactLine } from "../artifact-line.tsx";
import { edges } from "../plant.ts";

export function EdgesPage() {
  return (
    <div class="stack">
      <h1>Edges</h1>
      {edges.value.length === 0 && <p class="empty">No edge has reported yet.</p>}
      <div class="columns">
        {edges.value.map((edge) => (
          <EdgePanel key={edge.id} edge={edge} />
        ))}
      </div>
    </div>
  );
}

function EdgePanel({ edge }: { edge: EdgeView }) {
  return (
    <section class="panel stack">
      <h2>
        {edge.id}{" "}
        <span class={edge.online ? "soft" : "problem"}>{edge.online ? "online" : "offline"}</span>
      </h2>
      <dl class="facts">
        <dt>Agent</dt>
        <dd>
          {edge.agentVersion}, boot {edge.epoch}, {edge.tags} tags, {bytes(edge.residentBytes)} in
          memory
        </dd>
        <dt>Newest batch</dt>
        <dd>
          {clockTime(edge.lastSeenMs)}, clock {span(edge.skewMs)}{" "}
          {edge.skewMs >= 0 ? "behind" : "ahead of"} the fog
        </dd>
        <dt>Traffic</dt>
        <dd>
          {number(edge.readingsPerSecond)} readings/s in {bytes(edge.bytesPerSecond)}/s
        </dd>
        <dt>Trips latched</dt>
        <dd>{edge.latchedTrips.join(", ") || "none"}</dd>
        <dt>Bypassed</dt>
        <dd>{edge.bypassedRules.join(", ") || "none"}</dd>
      </dl>
      <Ledger edge={edge} />
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Bus</th>
              <th>Requests</th>
              <th>Failed</th>
              <th>Busy</th>
              <th>Round trip p99</th>
              <th>Dead</th>
            </tr>
          </thead>
          <tbody>
            {edge.buses.map((bus) => (
              <tr key={bus.id}>
                <td>
                  {bus.id} {!bus.connected && <span class="problem">down</span>}
                </td>
                <td>{count(bus.requests)}</td>
                <td>{count(bus.failures)}</td>
                <td>{percent(bus.utilisation)}</td>
                <td>{number(bus.roundTripMsP99)} ms</td>
                <td>{bus.deadDevices.join(", ") || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {edge.artifacts.map((artifact) => (
        <ArtifactLine
          key={`${artifact.name}${artifact.version}${artifact.outcome}`}
          artifact={artifact}
        />
      ))}
    </section>
  );
}

/** acquired = delivered + thinned + dropped + pending, in the open. */
function Ledger({ edge }: { edge: EdgeView }) {
  const { acquired, delivered, thinned, dropped, pending, balanced } = edge.ledger;
  return (
    <div class={balanced ? "ledger" : "ledger problem"}>
      <strong>Ledger</strong> {count(acquired)} acquired = {count(delivered)} delivered +{" "}
      {count(thinned)} thinned + {count(dropped)} dropped + {count(pending)} pending{" "}
      {balanced ? "✓" : "✗ does not balance"}
      <div class="soft">{count(edge.stored)} stored by the fog</div>
    </div>
  );
}
