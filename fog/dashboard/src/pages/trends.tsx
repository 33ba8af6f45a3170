/** Up to eight tags of the site under one crosshair; which, and how far back, is in the address. */
import type { TagLine } from "@weir/contracts/api/live.ts";
import { useLoading } from "@weir/ui/load.ts";
import { Show } from "@weir/ui/show.tsx";
import { TagExplorer } from "@weir/ui/tag-explorer.tsx";

const rangeMs = 6 * 3_600_000;
/** The list of tags is long and seldom changes. */
const listEveryMs = 15_000;

export function TrendsPage() {
  const loading = useLoading<TagLine[]>("/api/tags", listEveryMs);
  return (
    <div class="stack">
      <h1>Trends</h1>
      <Show loading={loading} what="the tags" wayOn={<a href="#/">To the plant</a>}>
        {(tags) => <TagExplorer tags={tags} path="/api/trends" rangeMs={rangeMs} />}
      </Show>
    </div>
  );
}
