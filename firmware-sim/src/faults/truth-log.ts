/** What really happened, out of band: never over a plant protocol. Scoring needs it. */

export type TruthKind = "contamination" | "degradation" | "malfunction" | "operations";

export interface TruthRecord {
  id: string;
  kind: TruthKind;
  type: string;
  stage: string;
  /** Sensors (stage and tag) that show it first. */
  sensors: readonly string[];
  t_onset: string;
  /** First time the true effect exceeds three ordinary standard deviations; null: not yet. */
  t_detectable: string | null;
  t_functional_failure: string | null;
  /** null: still going on. */
  t_end: string | null;
  severity: number;
  params: Readonly<Record<string, number | string>>;
}

/** Keeps the newest state of every record; `write` gets one JSON line at each change, the last of an id counts. */
export class TruthLog {
  readonly #records = new Map<string, TruthRecord>();
  readonly #write: (line: string) => void;
  #count = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  open(fields: Omit<TruthRecord, "id">): TruthRecord {
    this.#count++;
    const record = { id: `t${String(this.#count).padStart(5, "0")}`, ...fields };
    this.#records.set(record.id, record);
    this.#write(JSON.stringify(record));
    return record;
  }

  change(record: TruthRecord, fields: Partial<Omit<TruthRecord, "id">>): void {
    Object.assign(record, fields);
    this.#write(JSON.stringify(record));
  }

  records(): TruthRecord[] {
    return [...this.#records.values()];
  }
}

export const iso = (ms: number): string => new Date(ms).toISOString();
