/** Of tags that are summarised, the cloud has panes of exactly the readings that the edges count as thinned. */
import type { Check } from "../check.ts";
import type { CloudReader } from "../cloud-reader.ts";

export const panesHoldWhatWasThinned = (reader: CloudReader): Check => ({
  name: "panesHoldWhatWasThinned",
  atEnd: async ({ world }) => {
    if (world.cloud.cloud) await reader.catchUp(world.cloud.cloud);
    let thinned = 0;
    for (const { edge } of world.edges) thinned += edge?.uplink.snapshot().ledger.thinned ?? 0;
    // Panes that an outbox had no room for are gone, and the edge has told so.
    const isWhole = !world.chronicle.events.some(({ event }) => event.body.case === "dropped");
    if (reader.summarised > thinned || (isWhole && reader.summarised < thinned)) {
      return `${thinned} thinned, panes of ${reader.summarised} in the cloud`;
    }
    return undefined;
  },
});
