/** acquired = delivered + thinned + dropped + pending at each edge, exactly, at every look, across every kill. */
import { balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import type { Check } from "../check.ts";

export function ledgerBalances(): Check {
  const before = new Map<string, LedgerCounts>();
  const look: Check["hourly"] = ({ world }) => {
    for (const { id, edge } of world.edges) {
      if (!edge) continue;
      const { ledger, outbox } = edge.uplink.snapshot();
      const words = JSON.stringify(ledger);
      if (!balanced(ledger)) return `${id}: ${words} does not add up`;
      const last = before.get(id);
      if (last && ledger.delivered < last.delivered) {
        return `${id}: delivered fell from ${last.delivered} to ${ledger.delivered}`;
      }
      if (outbox.bytes > outbox.quotaBytes) {
        return `${id}: the outbox holds ${outbox.bytes} of ${outbox.quotaBytes} bytes`;
      }
      before.set(id, ledger);
    }
    return undefined;
  };
  return { name: "ledgerBalances", hourly: look, atEnd: look };
}
