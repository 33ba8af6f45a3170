/**
 * How old what is shown is: plain while it is live, hatched with its age when it is overdue, hatched with a
 * crossed eye when nothing may be concluded from it any more.
 */
import type { FreshnessView } from "@weir/contracts/api/freshness.ts";
import { siteNow } from "./site-clock.ts";
import { secondTime, sinceAndAge } from "./time-format.ts";
import { span } from "./words.ts";

/** What is shown may come from a server that does not say; then nothing is claimed of it. */
export type Fresh = FreshnessView | undefined;

export const isLive = (fresh: Fresh): boolean => fresh === undefined || fresh.state === "live";

/** Class of what carries a value: "", "is-stale" or "is-silent". */
export const freshClass = (fresh: Fresh): string =>
  !fresh || fresh.state === "live" ? "" : fresh.state === "stale" ? "is-stale" : "is-silent";

/** "heard 14:03:05", "last heard 14:03 (40 s)", "not heard since 14:03 (2 h)", "never heard". */
export function heardWords(fresh: FreshnessView, nowMs: number): string {
  const { state, heardAtMs } = fresh;
  if (heardAtMs === null) return "never heard";
  if (state === "live") return `heard ${secondTime(heardAtMs)}`;
  const since = sinceAndAge(heardAtMs, nowMs);
  return state === "stale" ? `last heard ${since}` : `not heard since ${since}`;
}

export const CrossedEye = () => (
  <svg class="crossed-eye" viewBox="0 0 24 24" role="img" aria-label="not seen">
    <title>not seen</title>
    <path d="M2 12q10-12 20 0q-10 12-20 0z" />
    <circle cx="12" cy="12" r="3.2" />
    <path class="strike" d="M3 21 21 3" />
  </svg>
);

export const LateClock = () => (
  <svg class="crossed-eye" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="9" />
    <path d="M12 6v6l4 3" />
  </svg>
);

/** Nothing for what is live; else a mark with words. `isShort`: the age alone, the rest behind it. */
export function FreshMark({ fresh, isShort = false }: { fresh: Fresh; isShort?: boolean }) {
  if (!fresh || fresh.state === "live") return null;
  const now = siteNow.value ?? fresh.sinceMs;
  const words = heardWords(fresh, now);
  const short = fresh.heardAtMs === null ? "never" : span(Math.max(0, now - fresh.heardAtMs));
  const isSilent = fresh.state !== "stale";
  return (
    <span
      class={isSilent ? "fresh-mark fresh-silent" : "fresh-mark fresh-stale"}
      title={[words, fresh.reason].filter(Boolean).join(": ")}
    >
      {isSilent ? <CrossedEye /> : <LateClock />} {isShort ? short : words}
    </span>
  );
}
