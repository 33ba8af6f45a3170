/** What every EventLog adapter promises, as tests. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AppendBatch, EventLog, LogRecord } from "./event-log.ts";

export interface LogUnderTest {
  /** An empty log. */
  create(): Promise<EventLog>;
  /** The same log after its process died. */
  reopen(log: EventLog): Promise<EventLog>;
}

const body = (text: string) => new TextEncoder().encode(text);

const batch = (source: string, sequences: readonly number[], epoch = 1): AppendBatch => ({
  source,
  epoch,
  atMs: 1_000,
  items: sequences.map((sequence) => ({
    sequence,
    kind: "k",
    body: body(`${source}/${sequence}`),
  })),
});

async function readAll(log: EventLog): Promise<LogRecord[]> {
  const position = new Map<number, number>();
  const all: LogRecord[] = [];
  for (;;) {
    const records = await log.read(position, 3);
    if (records.length === 0) return all;
    for (const record of records) position.set(record.partition, record.offset + 1);
    all.push(...records);
  }
}

const sequencesOf = (records: readonly LogRecord[], source: string) =>
  records.filter((record) => record.source === source).map((record) => record.sequence);

export function eventLogConformance(name: string, { create, reopen }: LogUnderTest): void {
  describe(`${name} keeps the promises of an event log`, () => {
    test("what is appended is read in order, with all that was given", async () => {
      const log = await create();
      await log.append(batch("a", [1, 2, 3, 4, 5]));
      const records = await readAll(log);
      expect(sequencesOf(records, "a")).toEqual([1, 2, 3, 4, 5]);
      expect(records[0]).toMatchObject({ source: "a", epoch: 1, kind: "k", receivedAtMs: 1_000 });
      expect(new TextDecoder().decode(records[4]?.body)).toBe("a/5");
      log.close();
    });

    test("an item is kept once, however often and however overlapping it is sent", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(8), fc.nat(6), fc.boolean()), { maxLength: 12 }),
          async (sends) => {
            let log = await create();
            let sent = 0;
            for (const [back, count, dies] of sends) {
              // A client sends on from something it has sent before or from the next new item.
              const first = Math.max(1, sent + 1 - back);
              const sequences = Array.from({ length: count }, (_, i) => first + i);
              const { durableSequence } = await log.append(batch("a", sequences));
              sent = Math.max(sent, first + count - 1);
              expect(durableSequence).toBe(sent);
              if (dies) log = await reopen(log);
            }
            const expected = Array.from({ length: sent }, (_, i) => i + 1);
            expect(sequencesOf(await readAll(log), "a")).toEqual(expected);
            log.close();
          },
        ),
        { numRuns: 30 },
      );
    });

    test("sources and epochs count apart", async () => {
      const log = await create();
      await log.append(batch("a", [1, 2]));
      await log.append(batch("b", [1]));
      const again = await log.append(batch("a", [1], 2));
      expect(again).toEqual({ durableSequence: 1, appendedCount: 1, findings: [] });
      expect(await readAll(log)).toHaveLength(4);
      log.close();
    });

    test("each group goes on where it committed, also after the process died", async () => {
      const log = await create();
      await log.append(batch("a", [1, 2, 3]));
      const [first] = await log.read(new Map(), 1);
      await log.commit("one", first?.partition ?? 0, (first?.offset ?? 0) + 1);
      await log.commit("one", first?.partition ?? 0, 0); // never goes back
      const later = await reopen(log);
      const position = await later.committed("one");
      expect(sequencesOf(await later.read(position, 10), "a")).toEqual([2, 3]);
      expect(await later.committed("two")).toEqual(new Map());
      later.close();
    });

    test("listeners hear of new items, and not of repeated ones", async () => {
      const log = await create();
      let heard = 0;
      const stop = log.onAppend(() => heard++);
      await log.append(batch("a", [1]));
      await log.append(batch("a", [1]));
      expect(heard).toBe(1);
      stop();
      await log.append(batch("a", [2]));
      expect(heard).toBe(1);
      log.close();
    });

    test("retention removes only what is old and committed by all; a repeat stays a repeat", async () => {
      const log = await create();
      await log.append(batch("a", [1, 2, 3]));
      const records = await readAll(log);
      const partition = records[0]?.partition ?? 0;
      await log.commit("one", partition, (records[2]?.offset ?? 0) + 1);
      await log.commit("two", partition, (records[1]?.offset ?? 0) + 1);
      expect(await log.retain(500, ["one", "two"])).toBe(0);
      expect(await log.retain(2_000, ["one", "two"])).toBe(2);
      expect(sequencesOf(await readAll(log), "a")).toEqual([3]);
      expect((await log.append(batch("a", [1, 2, 3]))).appendedCount).toBe(0);
      expect(log.size().itemCount).toBe(1);
      log.close();
    });
  });
}
