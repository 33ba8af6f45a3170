/** One measurement of one sensor: started, waited for, fetched answer by answer. */
import { present } from "@weir/contracts/present.ts";
import type { Sdi12Device } from "../../configuration/line-settings.ts";
import { parseAnnouncement, parseValues } from "./sdi12-answer.ts";
import type { Sdi12Master } from "./sdi12-master.ts";

export type Measured = { ok: true; values: number[] } | { ok: false; text: string };

/** D0 to D9. */
const fetchesMax = 10;
/** A sensor that keeps the whole bus longer than this should be asked by C. */
export const holdMsMax = 60_000;

/** A concurrent measurement goes on without the bus: `resume` fetches it after `waitMs`. */
export type Started =
  | { is: "waiting"; waitMs: number; resume: (done: (measured: Measured) => void) => void }
  | { is: "done"; measured: Measured };

/** Calls `settle` exactly once. The master must not be busy, now and at `resume`. */
export function startMeasurement(
  master: Sdi12Master,
  { address, measure }: Sdi12Device,
  settle: (started: Started) => void,
): void {
  const hasCrc = measure[1] === "C";
  const done = (measured: Measured) => settle({ is: "done", measured });
  if (measure.startsWith("R")) {
    const check = (body: string) => checkValues(body);
    master.ask({ address, command: `${measure}!`, hasCrc, check }, (answer) => {
      if (!answer.ok) return done(answer);
      done(valuesOf(present(parseValues(answer.body))));
    });
    return;
  }
  const isConcurrent = measure.startsWith("C");
  const check = (body: string) =>
    parseAnnouncement(body) ? undefined : `"${body}" announces no measurement`;
  // The answer to M carries no CRC, that to D does.
  master.ask({ address, command: `${measure}!`, hasCrc: false, check }, (answer) => {
    if (!answer.ok) return done(answer);
    const { waitMs, count } = present(parseAnnouncement(answer.body));
    if (count === 0) return done({ ok: false, text: "has no values to give" });
    const resume = (then: (measured: Measured) => void) =>
      fetchValues(master, { address, hasCrc, count }, then);
    if (waitMs === 0) return resume(done);
    if (isConcurrent) return settle({ is: "waiting", waitMs, resume });
    if (waitMs > holdMsMax) {
      const text = `needs ${waitMs / 1_000} s and would keep the bus so long; measure with C`;
      return done({ ok: false, text });
    }
    master.awaitService(address, waitMs, (called) => (called.ok ? resume(done) : done(called)));
  });
}

function fetchValues(
  master: Sdi12Master,
  { address, hasCrc, count }: { address: string; hasCrc: boolean; count: number },
  done: (measured: Measured) => void,
): void {
  const values: number[] = [];
  const fetch = (index: number) => {
    const question = { address, command: `D${index}!`, hasCrc, check: checkValues };
    master.ask(question, (answer) => {
      if (!answer.ok) return done(answer);
      const more = present(parseValues(answer.body));
      values.push(...more);
      if (values.length === count) return done({ ok: true, values });
      const text =
        values.length > count
          ? `gives ${values.length} values where it announced ${count}`
          : `gives ${values.length} of the ${count} values it announced`;
      if (values.length > count || more.length === 0 || index + 1 === fetchesMax) {
        return done({ ok: false, text });
      }
      fetch(index + 1);
    });
  };
  fetch(0);
}

const checkValues = (body: string): string | undefined =>
  parseValues(body) ? undefined : `"${body}" is no list of values`;

const valuesOf = (values: number[]): Measured =>
  values.length > 0 ? { ok: true, values } : { ok: false, text: "has no values to give" };
