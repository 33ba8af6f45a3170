/**
 * What each output was last ordered to by a trip or after its reset, and since when that is confirmed: an event
 * that an output does not follow means something else by it.
 */
import { type Event, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";

export const outputOrderMigration = `
  CREATE TABLE output_order (
    site TEXT NOT NULL, edge TEXT NOT NULL, output TEXT NOT NULL,
    rule TEXT NOT NULL, state TEXT NOT NULL, confirmed_at_ms REAL,
    PRIMARY KEY (site, edge, output)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rule_reset (
    site TEXT NOT NULL, edge TEXT NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (site, edge, rule)
  ) STRICT, WITHOUT ROWID;
`;

export interface OrderFacts {
  /** The rule was reset and gives the output back; false: its trip wants it safe. */
  isAfterReset: boolean;
  /** Since when the order had been confirmed before this event; null: it was not. */
  confirmedAtMs: number | null;
}

export interface OutputOrders {
  /** Folds an edge's event in; of an output's event what was so before it. */
  take(site: string, edge: string, event: Event): OrderFacts | undefined;
}

export function createOutputOrders(db: SqlDatabase): OutputOrders {
  const reset = db.prepare("INSERT OR IGNORE INTO rule_reset VALUES (?, ?, ?)");
  const tripped = db.prepare("DELETE FROM rule_reset WHERE site = ? AND edge = ? AND rule = ?");
  const forget = db.prepare("DELETE FROM output_order WHERE site = ? AND edge = ? AND rule = ?");
  const isReset = db.prepare("SELECT 1 FROM rule_reset WHERE site = ? AND edge = ? AND rule = ?");
  const known = db.prepare(
    "SELECT confirmed_at_ms AS confirmedAtMs FROM output_order WHERE site = ? AND edge = ? AND output = ? AND rule = ? AND state = ?",
  );
  const save = db.prepare("INSERT OR REPLACE INTO output_order VALUES (?, ?, ?, ?, ?, ?)");
  return {
    take(site, edge, { atMs, body }) {
      if (body.case === "trip" || (body.case === "tripReset" && body.value.accepted)) {
        const { rule } = body.value;
        (body.case === "trip" ? tripped : reset).run(site, edge, rule);
        forget.run(site, edge, rule);
      }
      if (body.case !== "output") return undefined;
      const { output, rule, state, outcome } = body.value;
      const before = known.get<{ confirmedAtMs: number | null }>(site, edge, output, rule, state);
      const confirmedAtMs = before?.confirmedAtMs ?? null;
      const now =
        outcome === OutputOutcome.VERIFIED
          ? (confirmedAtMs ?? atMs)
          : outcome === OutputOutcome.FAILED
            ? null
            : confirmedAtMs;
      save.run(site, edge, output, rule, state, now);
      return { isAfterReset: isReset.get(site, edge, rule) !== undefined, confirmedAtMs };
    },
  };
}
