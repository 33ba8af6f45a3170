/** What an edge counts as delivered is stored at the fog; what is stored was delivered or may be. */
import type { Check } from "../check.ts";

export const fogHoldsWhatWasDelivered: Check = {
  name: "fogHoldsWhatWasDelivered",
  hourly: ({ world }) => {
    const links = world.fog.fog?.core.ingest.links();
    for (const { id, edge } of links ? world.edges : []) {
      if (!edge) continue;
      const stored = links?.find((link) => link.edge === id)?.stored ?? 0;
      const { delivered, pending, dropped } = edge.uplink.snapshot().ledger;
      if (stored < delivered) return `${id}: ${delivered} delivered, ${stored} stored`;
      if (stored > delivered + pending + dropped) {
        return `${id}: ${stored} stored, only ${delivered} delivered and ${pending} pending`;
      }
    }
    return undefined;
  },
  atEnd: ({ world }) => {
    const links = world.fog.fog?.core.ingest.links() ?? [];
    for (const { id, edge } of world.edges) {
      const stored = links.find((link) => link.edge === id)?.stored ?? 0;
      const ledger = edge?.uplink.snapshot().ledger;
      if (ledger?.pending !== 0) {
        const { link, outbox } = edge?.uplink.snapshot() ?? {};
        const words = JSON.stringify({ link, outbox });
        return `${id}: ${ledger?.pending} readings are still pending; ${words}`;
      }
      if (ledger.delivered !== stored) {
        return `${id}: ${ledger.delivered} delivered, ${stored} stored`;
      }
    }
    return undefined;
  },
};
