import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { ControlTroubles, type ControlTroublesOptions } from "./control-troubles.ts";

const startMs = Date.UTC(2026, 5, 2);

/** A machine whose calendar can be set, as `date -s` does; its monotonic clock goes on. */
class SettableClock extends SimulatedClock {
  setMs = 0;
  override nowMs(): number {
    return super.nowMs() + this.setMs;
  }
}

function rig(change: Partial<ControlTroublesOptions> = {}) {
  const ioClock = new SettableClock(startMs);
  const well = () => undefined;
  const troubles = new ControlTroubles({
    ...{ clock: ioClock, ioClock, latchStore: well, learned: well, analysis: well },
    ...change,
  });
  const pass = async (ms: number) => {
    await ioClock.advance(ms);
    troubles.look();
  };
  return { ioClock, troubles, pass };
}

test.each([
  ["forward", 90_000, "90.0 s"],
  ["back", -3_600_000, "-3600.0 s"],
])(
  "a calendar that is set %s is told, by how much and since when, for an hour",
  async (_, byMs, words) => {
    const { ioClock, troubles, pass } = rig();
    await pass(5_000);
    expect(troubles.list()).toEqual([]);
    ioClock.setMs = byMs;
    await pass(1_000);
    const [told, ...more] = troubles.list();
    expect(more).toEqual([]);
    expect(told).toMatchObject({ code: "clock-jumped", severity: "warning", subject: "clock" });
    expect(told?.text).toContain(`set by ${words}`);
    expect(told?.sinceMs).toBe(ioClock.nowMs());
    await pass(3_600_000);
    expect(troubles.list()[0]?.sinceMs).toBe(told?.sinceMs);
    await pass(1_000);
    expect(troubles.list()).toEqual([]);
  },
);

test("corrections of a good clock are no jump; a second jump is told anew", async () => {
  const { ioClock, troubles, pass } = rig();
  for (let n = 0; n < 20; n++) {
    ioClock.setMs += 500;
    await pass(1_000);
  }
  expect(troubles.list()).toEqual([]);
  ioClock.setMs += 5_000;
  await pass(1_000);
  const first = troubles.list()[0];
  await pass(60_000);
  ioClock.setMs -= 7_000;
  await pass(1_000);
  const second = troubles.list()[0];
  expect(second?.text).toContain("-7.0 s");
  expect(second?.sinceMs).toBeGreaterThan(first?.sinceMs ?? 0);
});

test("a store that is lost is told while it is, since it began, and its end is the end of it", async () => {
  let lost: string | undefined;
  const { ioClock, troubles, pass } = rig({ latchStore: () => lost, learned: () => lost });
  lost = "read-only file system";
  await pass(1_000);
  const codes = () => troubles.list().map(({ code, severity }) => `${severity} ${code}`);
  expect(codes()).toEqual(["critical trips-not-stored", "warning learned-lost"]);
  const sinceMs = ioClock.nowMs();
  await pass(60_000);
  for (const trouble of troubles.list()) {
    expect(trouble.sinceMs).toBe(sinceMs);
    expect(trouble.text).toContain("read-only file system");
  }
  lost = undefined;
  expect(codes()).toEqual([]);
  lost = "read-only file system";
  expect(troubles.list()[0]?.sinceMs).toBe(ioClock.nowMs());
});
