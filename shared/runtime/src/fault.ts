/**
 * Operating errors: a stable code, a sentence with the values in it, and whether a retry can help.
 * Programmer errors are assertions and crash; these are expected and handled.
 */

/** What a fault of each code carries, what it says and what to do about it. Codes are never reused. */
export interface FaultEntry<Facts> {
  retry: boolean;
  text: (facts: Facts) => string;
}

/** Declares the codes of one part. `faults` of every part are registered with `declareFaults`. */
export type FaultTable = Record<string, FaultEntry<never>>;

const known = new Map<string, FaultEntry<never>>();

/** Adds a part's table to the codes that `Fault` knows; returns it for typing. */
export function declareFaults<T extends FaultTable>(table: T): T {
  for (const [code, entry] of Object.entries(table)) known.set(code, entry);
  return table;
}

export class Fault extends Error {
  readonly code: string;
  readonly retry: boolean;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, facts: Record<string, unknown> = {}, options?: ErrorOptions) {
    const entry = known.get(code) as FaultEntry<unknown> | undefined;
    super(entry ? entry.text(facts) : `${code} ${JSON.stringify(facts)}`, options);
    this.name = "Fault";
    this.code = code;
    this.retry = entry?.retry ?? false;
    this.facts = facts;
  }
}

export const isFault = (error: unknown, code?: string): error is Fault =>
  error instanceof Fault && (code === undefined || error.code === code);

declareFaults({
  RUNTIME_CLOCK_SPEC: {
    retry: false,
    text: (f: { text: string; rateMax: number }) =>
      `clock "${f.text}" is not "rate=<1..${f.rateMax}>,from=<ISO time>,at=<real UTC ms>"`,
  },
});
