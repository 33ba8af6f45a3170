/** What is wrong with the cloud and its sites, worst first, and since when each silent site is silent. */

import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { BackupPanel } from "@weir/ui/backup-panel.tsx";
import { ProblemList } from "@weir/ui/problem-list.tsx";
import { secondTime } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { counted } from "@weir/ui/words.ts";
import { fleet } from "../fleet-state.ts";
import { SiteLink } from "../site-link.tsx";

export function HealthPage() {
  const view = fleet.value;
  if (!view) return <Waiting>Waiting for the server to say how it is…</Waiting>;
  const { health, sites } = view;
  return (
    <div class="stack">
      <h1>Health</h1>
      <section class="panel">
        <h2>
          This cloud{" "}
          {health && (
            <span class="soft">
              {counted(health.problems.length, "problem")}, looked at {secondTime(health.atMs)}
            </span>
          )}
        </h2>
        {!health && <p class="empty">This server does not say how it is.</p>}
        {health?.problems.length === 0 && <p class="empty">No problem is known.</p>}
        {health && <ProblemList problems={health.problems} />}
      </section>
      <section class="panel">
        <h2>Sites</h2>
        {sites.length === 0 && (
          <p class="empty">
            None has reported yet. <span class="mono">weir-cloud enrol-site NAME</span> gives one
            its certificate.
          </p>
        )}
        <ul class="problems">
          {sites.map((site: FleetSite) => (
            <li key={site.id}>
              <strong>{site.name}</strong>
              <span class="grow">
                <SiteLink site={site} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      <BackupPanel program="weir-cloud" tz="UTC" />
    </div>
  );
}
