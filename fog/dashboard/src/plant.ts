/** The newest picture of the plant, pushed by the server at most once a second. */
import { signal } from "@preact/signals";
import type { EdgeView, LiveMessage, PlantView } from "@weir/contracts/api/fog.ts";
import { get } from "@weir/ui/api.ts";
import { listen } from "@weir/ui/live.ts";

export const plant = signal<PlantView | null>(null);
export const edges = signal<EdgeView[]>([]);

/** Loads the first picture and keeps it fresh until the returned function is called. */
export function watchPlant(): () => void {
  void get<PlantView>("/api/plant").then((view) => {
    plant.value ??= view;
  });
  void get<EdgeView[]>("/api/edges").then((view) => {
    if (edges.value.length === 0) edges.value = view;
  });
  return listen<LiveMessage>("/api/live", ["plant", "edges"], (message) => {
    if (message.kind === "plant") plant.value = message.plant;
    else if (message.kind === "edges") edges.value = message.edges;
  });
}
