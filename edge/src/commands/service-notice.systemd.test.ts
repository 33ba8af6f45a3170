import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { createServiceNotice } from "./service-notice.systemd.ts";

const rig = (env: Record<string, string>) => {
  const sent: string[] = [];
  const ioClock = new SimulatedClock(0);
  const send = (text: string) => void sent.push(text);
  return {
    sent,
    ioClock,
    notice: createServiceNotice({ env, ioClock, logger: silentLogger, send }),
  };
};

test("the watchdog is fed by signs of life, at half its time", async () => {
  const { sent, ioClock, notice } = rig({ NOTIFY_SOCKET: "/run/x", WATCHDOG_USEC: "10000000" });
  notice.done("uplink");
  expect(sent).toEqual([]);
  notice.done("control");
  notice.done("control");
  for (let s = 0; s < 20; s++) {
    notice.alive();
    await ioClock.advance(1_000);
  }
  notice.stopping();
  expect(sent).toEqual(["READY=1", ...Array(4).fill("WATCHDOG=1"), "STOPPING=1"]);
});

test("without a service manager nothing is said", () => {
  const { sent, notice } = rig({});
  notice.done("uplink");
  notice.done("control");
  notice.alive();
  notice.stopping();
  expect(sent).toEqual([]);
});
