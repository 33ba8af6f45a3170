/** What is told of a learner that ended, of a sink that refuses, and of certificates, as their time comes near. */
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { temporaryDir } from "../../test/temporary-dir.ts";
import { dayMs } from "../limits.ts";
import { type CloudParts, cloudProblems } from "./cloud-problems.ts";

const startMs = Date.UTC(2026, 5, 2);

function rig() {
  const learner = { state: "waiting", reason: "", sinceMs: startMs, lastAtMs: null };
  const sink = {
    name: "planner",
    waiting: 0,
    givenUp: 0,
    refusing: undefined as { sinceMs: number; why: string } | undefined,
  };
  let notAfterMs = startMs + 400 * dayMs;
  const parts = {
    ...{ dataDir: temporaryDir(), freeBytes: () => undefined, refusing: () => undefined },
    ...{ consumers: {}, maintenanceFault: () => undefined, io: new SimulatedClock(startMs) },
    trainer: { progress: () => ({ learner }) },
    trainings: { waitingCount: () => 0 },
    dispatcher: { states: () => [sink] },
    fleet: { sites: () => [], lastItemMs: () => undefined },
    presence: {},
    authority: {
      revocationOf: () => undefined,
      enrolled: () => [{ site: "mill", serial: "1", issuedAtMs: startMs, notAfterMs }],
      revocations: { fault: () => undefined },
    },
  };
  const look = cloudProblems(parts as unknown as CloudParts);
  return { learner, sink, look, end: (ms: number) => (notAfterMs = ms) };
}

test("a learner that ended is told since when and why; one that waits is none", () => {
  const { learner, look } = rig();
  expect(look()).toEqual([]);
  Object.assign(learner, { state: "stopped", reason: "out of memory", sinceMs: startMs - 5 });
  expect(look()).toEqual([
    {
      ...{ code: "learner-stopped", severity: "medium", subject: "", sinceMs: startMs - 5 },
      text: "the learner ended (out of memory) and is started again with the next training",
    },
  ]);
});

test("a sink that refuses is told by name with why; with a hundred notices waiting it is high", () => {
  const { sink, look } = rig();
  Object.assign(sink, { waiting: 3, refusing: { sinceMs: startMs, why: "it answered 503" } });
  expect(look()).toEqual([
    {
      ...{ code: "sink-refusing", severity: "medium", subject: "planner", sinceMs: startMs },
      text: "3 ticket notices wait: it answered 503",
    },
  ]);
  sink.waiting = 100;
  expect(look()[0]?.severity).toBe("high");
  Object.assign(sink, { waiting: 0, refusing: undefined });
  expect(look()).toEqual([]);
});

test("a site's certificate is told from thirty days before its end, and when it has ended", () => {
  const { look, end } = rig();
  end(startMs + 30 * dayMs + 1);
  expect(look()).toEqual([]);
  end(startMs + 30 * dayMs);
  expect(look()[0]).toMatchObject({ code: "certificate-ends", severity: "low", subject: "mill" });
  expect(look()[0]?.text).toContain("ends on 2026-07-02; enrol it again");
  end(startMs);
  expect(look()[0]).toMatchObject({ severity: "medium" });
  expect(look()[0]?.text).toContain("the certificate of site mill ended on 2026-06-02");
});
