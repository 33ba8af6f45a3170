/** The newest picture of the plant, pushed by the server at most once a second. */
import { signal } from "@preact/signals";
import type { EdgeView, LiveMessage, PlantView } from "@weir/contracts/api/fog.ts";
import { listen } from "@weir/ui/live.ts";
import { setSiteZone } from "@weir/ui/site-clock.ts";

export const plant = signal<PlantView | null>(null);
/** Null until the server has said which there are. */
export const edges = signal<EdgeView[] | null>(null);

/** Keeps both fresh until the returned function is called; the server sends the first picture at once. */
export function watchPlant(): () => void {
  return listen<LiveMessage>("/api/live", ["plant", "edges"], (message) => {
    if (message.kind === "plant") {
      setSiteZone(message.plant.site.tz);
      plant.value = message.plant;
    } else if (message.kind === "edges") edges.value = message.edges;
  });
}
