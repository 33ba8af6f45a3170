import type { LiveMessage, PlantView } from "@weir/contracts/api/fog.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { LiveFeed, liveEveryMs } from "./live-feed.ts";

function rig() {
  const clock = new SimulatedClock(0);
  const made = { plant: 0, edges: 0 };
  const feed = new LiveFeed({
    ...{ ioClock: clock, plantClock: clock },
    plant: () => ({ headline: `picture ${++made.plant}` }) as PlantView,
    edges: () => {
      made.edges++;
      return [];
    },
  });
  const page = () => {
    const heard: LiveMessage[] = [];
    return { heard, leave: feed.follow((message) => heard.push(message)) };
  };
  return { clock, made, page };
}

test("however many pages look, a picture is made once a second, and all are told the very same", async () => {
  const { clock, made, page } = rig();
  const pages = Array.from({ length: 20 }, page);
  expect(made).toEqual({ plant: 1, edges: 1 });
  await clock.advance(3 * liveEveryMs);
  expect(made).toEqual({ plant: 4, edges: 4 });
  const [first] = pages;
  expect(first?.heard.map(({ kind }) => kind)).toEqual(
    Array.from({ length: 4 }, () => ["beat", "plant", "edges"]).flat(),
  );
  for (const { heard } of pages) {
    expect(heard).toHaveLength(12);
    for (const [index, message] of heard.entries())
      if (message.kind === "plant") expect(message).toBe(first?.heard[index]);
  }
});

test("nothing is made while nobody looks, and who comes later gets what is so now", async () => {
  const { clock, made, page } = rig();
  const one = page();
  one.leave();
  await clock.advance(60 * liveEveryMs);
  expect(made.plant).toBe(1);
  const two = page();
  expect(two.heard[1]).toEqual({ kind: "plant", plant: { headline: "picture 2" } });
  await clock.advance(liveEveryMs);
  expect(one.heard).toHaveLength(3);
  expect(two.heard.filter(({ kind }) => kind === "plant")).toHaveLength(2);
});
