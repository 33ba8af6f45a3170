/** Reconstruction error of one stage against its frozen threshold, and the channels behind the newest score. */
import type { HealthSeriesView } from "@weir/contracts/api/cloud.ts";
import { Trend } from "@weir/ui/trend.tsx";
import { percent } from "@weir/ui/words.ts";

export function HealthChart({ health }: { health: HealthSeriesView }) {
  if (health.at.length === 0) return <p class="empty">No score yet for {health.stage}.</p>;
  return (
    <section class="panel stack">
      <h2>
        How far {health.stage} is from its own past{" "}
        <span class="soft">
          {health.model} v{health.version}; the dashed line is the decision
        </span>
      </h2>
      <Trend
        series={{
          tag: `health/${health.stage}`,
          name: "Reconstruction error",
          unit: "",
          at: health.at,
          mean: health.score,
          min: health.score,
          max: health.score,
          hardHigh: health.threshold,
        }}
        height={220}
      />
      {health.channels.slice(0, 6).map((channel) => (
        <div key={channel.tag} class="channel">
          <span class="row">
            <strong class="grow">{channel.text || channel.name}</strong>
            <span class="soft">{percent(channel.share)}</span>
          </span>
          <div class="meter">
            <i style={{ width: `${channel.share * 100}%` }} />
          </div>
        </div>
      ))}
    </section>
  );
}
