/** Small named values of the journal: cursors and counters that must survive a restart. */
import type { SqlDatabase } from "@weir/runtime/sql.ts";

export interface Facts {
  number(name: string, otherwise: number): number;
  /** Joins the transaction that is open, if one is. */
  set(name: string, value: number): void;
}

export function factsOf(db: SqlDatabase): Facts {
  const get = db.prepare("SELECT value FROM facts WHERE name = ?");
  const put = db.prepare("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)");
  return {
    number: (name, otherwise) => {
      const row = get.get<{ value: string }>(name);
      return row === undefined ? otherwise : Number(row.value);
    },
    set: (name, value) => void put.run(name, String(value)),
  };
}
