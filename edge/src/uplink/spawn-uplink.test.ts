import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, onTestFinished, test } from "vitest";
import { ScriptedControl } from "../../test/edge-rig.ts";
import { defaultUplinkSettings } from "../uplink-settings.ts";
import { spawnUplink } from "./spawn-uplink.ts";

test("an uplink thread that falls is started again and told the tag table; nothing of it reaches control", async () => {
  const control = new ScriptedControl();
  const said: string[] = [];
  let heard: () => void = () => {};
  const until = async (count: number) => {
    while (said.length < count) await new Promise<void>((resolve) => (heard = resolve));
  };
  const say = (text: string) => {
    said.push(text);
    heard();
  };
  const errors: string[] = [];
  const uplink = spawnUplink({
    program: new URL("../../test/falling-uplink.ts", import.meta.url),
    settings: {
      site: "riverside",
      edge: "edge-w",
      agentVersion: "0.1.0",
      fog: undefined,
      file: "edge.db",
      clock: undefined,
      settings: defaultUplinkSettings,
      localToken: "token",
      status: { host: "127.0.0.1", port: 0 },
      log: { level: "error", json: false },
      seed: 1,
    },
    control,
    ioClock: systemClock(),
    random: seeded(1),
    logger: { ...silentLogger, error: (text) => errors.push(text) },
    onReady: () => say("ready"),
    onAddress: say,
    onNews: () => {},
  });
  onTestFinished(() => uplink.stop());
  control.giveTags(3, "abc");
  await until(2);
  control.give({ kind: "event", event: { atMs: 1, body: { case: "trip", value: {} } } });
  while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
  control.giveReadings(1, 2);
  await until(5);
  expect(said).toEqual([
    ...["ready", "tags abc", "ready"],
    ...["tags abc after 1: fallen over edge.db", "readings 2"],
  ]);
  expect(errors).toEqual([
    "the uplink thread ended: fallen over edge.db; control goes on, it is started again",
  ]);
});
