/** Reconstruction error of one stage against its frozen threshold, and the channels behind the newest score. */

import type { HealthSeriesView } from "@weir/contracts/api/cloud.ts";
import { numberAt } from "@weir/contracts/elements.ts";
import { siteNow } from "@weir/ui/site-clock.ts";
import { Trend } from "@weir/ui/trend.tsx";
import { percent } from "@weir/ui/words.ts";
import { siteTime, zoneOf } from "./fleet-state.ts";

const hourMs = 3_600_000;
/** As far back as scores are sent. */
const shownMs = 30 * 24 * hourMs;
/** Stages are scored once an hour; two missed hours are worth a word. */
const overdueMs = 3 * hourMs;

export function HealthChart({ health }: { health: HealthSeriesView }) {
  const { site, stage, at, score, threshold, channels } = health;
  const newestMs = (at.at(-1) ?? 0) * 1000;
  if (at.length === 0) return <p class="empty">No score yet for {stage}.</p>;
  const nowMs = siteNow.value ?? newestMs;
  const toMs = Math.ceil(Math.max(nowMs, newestMs) / hourMs) * hourMs;
  const fromMs = Math.max(toMs - shownMs, numberAt(at, 0) * 1000 - hourMs);
  const isOld = nowMs - newestMs > overdueMs;
  return (
    <section class="panel stack">
      <h2>
        How far {stage} is from its own past{" "}
        <span class="soft">
          {health.model} v{health.version}; the dashed line is the decision
        </span>
      </h2>
      {isOld && (
        <p class="old" role="status">
          Not scored since {siteTime(site, newestMs)}: this says nothing of now.
        </p>
      )}
      <Trend
        series={{
          tag: `health/${stage}`,
          name: "Reconstruction error",
          unit: "",
          at,
          mean: score,
          min: score,
          max: score,
          hardHigh: threshold,
        }}
        {...{ fromMs, toMs, nowMs, tz: zoneOf(site), lateMs: overdueMs }}
        height={220}
      />
      {channels.slice(0, 6).map((channel) => (
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
