import { u8 } from "@weir/contracts/elements.ts";
import { topicOf } from "@weir/contracts/topics.ts";
import { expect, test } from "vitest";
import { createMemoryLink } from "./mqtt-link.memory.ts";

const topic = topicOf({ site: "riverside", edge: "edge-w", family: "events" });
const will = { topic, bytes: new Uint8Array() };

test("what the other side delivers while opening is heard, and nothing after a cut", async () => {
  let deliver: (family: "model" | "command", bytes: Uint8Array) => void = () => {};
  const link = createMemoryLink({
    topicOf: (family) => family,
    open: (listener) => {
      deliver = listener;
      listener("command", Uint8Array.of(1));
      return { publish: async () => {}, close: () => {} };
    },
  });
  const heard: number[] = [];
  const lost: unknown[] = [];
  link.onMessage(({ bytes }) => heard.push(u8(bytes, 0)));
  link.onLost((reason) => lost.push(reason));
  await link.connect(will);
  deliver("command", Uint8Array.of(2));
  link.cut();
  deliver("command", Uint8Array.of(3));
  expect(heard).toEqual([1, 2]);
  expect(lost).toMatchObject([{ code: "EDGE_LINK_CLOSED" }]);
});

test("a cut ends what was waiting; without a connection nothing is taken", async () => {
  const link = createMemoryLink({
    topicOf: (family) => family,
    open: () => ({ publish: () => new Promise(() => {}), close: () => {} }),
  });
  const publish = () => link.publish({ topic, bytes: new Uint8Array() }, { retain: false });
  await expect(publish()).rejects.toMatchObject({ code: "EDGE_LINK_CLOSED" });
  await link.connect(will);
  const waiting = publish();
  link.cut();
  await expect(waiting).rejects.toMatchObject({ code: "EDGE_LINK_CLOSED" });
});
