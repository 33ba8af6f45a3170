/** How far each site is learned by the cloud: progress, and for each stage that is not, why and when. */
import type { SiteLearning } from "@weir/contracts/api/cloud.ts";
import { LearningList, LearningProgress } from "@weir/ui/learning-list.tsx";
import { useLoading } from "@weir/ui/load.ts";
import { Show } from "@weir/ui/show.tsx";
import { siteName, zoneOf } from "../fleet-state.ts";

export function LearningPage() {
  const loading = useLoading<SiteLearning[]>("/api/learning");
  return (
    <div class="stack">
      <h1>Learning</h1>
      <Show loading={loading} what="the progress" wayOn={<a href="#/training">Training runs</a>}>
        {(list) => (
          <>
            {list.length === 0 && (
              <p class="empty">No site has reported yet, so there is nothing to learn.</p>
            )}
            {list.map((one) => (
              <section key={one.site} class="panel stack">
                <h2>{siteName(one.site)}</h2>
                <LearningProgress learning={one} tz={zoneOf(one.site)} />
                <LearningList
                  learning={one}
                  tz={zoneOf(one.site)}
                  hrefOf={(stage) =>
                    `#/history?site=${encodeURIComponent(one.site)}&stage=${encodeURIComponent(stage)}`
                  }
                />
              </section>
            ))}
          </>
        )}
      </Show>
    </div>
  );
}
