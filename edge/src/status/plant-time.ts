/** Times of the plant clock in words: always UTC, and how long ago. */
import { formatDuration } from "@weir/runtime/duration.ts";

/** "2026-06-02 05:00:03" */
export const timeText = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 19).replace("T", " ");

/** "since 2026-06-02 05:00:03 UTC, 5m": as exact as anybody needs. */
export function sinceText(sinceMs: number, nowMs: number): string {
  const forMs = Math.max(0, nowMs - sinceMs);
  const unitMs = forMs < 60_000 ? 1_000 : forMs < 86_400_000 ? 60_000 : 3_600_000;
  return `since ${timeText(sinceMs)} UTC, ${formatDuration(Math.floor(forMs / unitMs) * unitMs)}`;
}
