import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { LinkKeeper } from "./link-keeper.ts";
import type { MqttLink } from "./mqtt-link.ts";

test("a connection that ends right after it began names both that end it: a second agent, and topics refused", async () => {
  const clock = new SimulatedClock(0);
  let lose: (reason: unknown) => void = () => {};
  const line: Partial<MqttLink> = {
    connect: async () => {},
    close: async () => {},
    onLost: (listener) => {
      lose = listener;
    },
  };
  const told: string[] = [];
  const keeper = new LinkKeeper({
    line: line as MqttLink,
    url: "mqtts://fog:8883",
    will: { topic: "t", bytes: new Uint8Array() },
    ioClock: clock,
    random: seeded(1, "link"),
    logger: silentLogger,
    greet: async () => {},
    onLive: () => {},
    onLost: () => {},
    onReport: (online, trouble) => told.push(online ? "online" : (trouble?.text ?? "")),
  });
  keeper.start();
  await clock.advance(100);
  expect(keeper.isLive).toBe(true);
  lose(new Error("connection closed"));
  expect(told).toEqual([
    "online",
    expect.stringMatching(/another agent with this edge's identity.*does not allow it its topics/),
  ]);
  await keeper.stop();
});
