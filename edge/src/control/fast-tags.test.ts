import { expect, test } from "vitest";
import type { Configuration, TagSettings } from "../configuration/configuration.ts";
import { FastTags } from "./fast-tags.ts";

const forMs = 600_000;

function rig(room = 1) {
  const boosts = [{ factor: 5, forMs }, { factor: 2, forMs }, undefined];
  const tags = boosts.map(
    (boost, index) =>
      ({ index, id: `D11/CL0${index}`, device: index % 2, detect: { boost } }) as TagSettings,
  );
  const devices = [{ connection: 0 }, { connection: 1 }];
  const asked: { connection: number; tags: number[]; factor: number }[] = [];
  const state = { room };
  const fast = new FastTags({
    configuration: { tags, devices } as unknown as Configuration,
    hasten: (connection, tags, factor) => {
      asked.push({ connection, tags: [...tags], factor });
      return Math.max(1, factor * state.room);
    },
  });
  return { fast, asked, state };
}

test("a suspicious tag is read faster for ten minutes after the last suspicion, then as before", () => {
  const { fast, asked } = rig();
  fast.tick(0);
  expect(asked).toEqual([]);
  fast.suspect(0);
  fast.suspect(0);
  fast.tick(1_000);
  expect(asked).toEqual([{ connection: 0, tags: [0], factor: 5 }]);
  expect(fast.ids()).toEqual(["D11/CL00"]);
  fast.tick(300_000);
  fast.suspect(0);
  fast.tick(301_000);
  expect(asked).toHaveLength(1);
  fast.tick(301_000 + forMs - 1);
  expect(fast.ids()).toEqual(["D11/CL00"]);
  fast.tick(301_000 + forMs);
  expect(asked.at(-1)).toEqual({ connection: 0, tags: [0], factor: 1 });
  expect(fast.ids()).toEqual([]);
});

test("each on its own connection; a tag without a boost stays as it is", () => {
  const { fast, asked } = rig();
  for (const tag of [0, 1, 2]) fast.suspect(tag);
  fast.tick(0);
  expect(asked.map(({ connection, factor }) => [connection, factor])).toEqual([
    [0, 5],
    [1, 2],
  ]);
  expect(fast.ids()).toEqual(["D11/CL00", "D11/CL01"]);
  fast.release();
  expect(fast.ids()).toEqual([]);
});

test("a bus without room is asked again while the suspicion lasts, not every second", () => {
  const { fast, asked, state } = rig(0.2);
  for (let s = 0; s < 25; s++) {
    fast.suspect(0);
    fast.tick(1_000 * s);
  }
  expect(asked).toHaveLength(1);
  expect(fast.ids()).toEqual([]);
  state.room = 0.6;
  for (let s = 25; s < 40; s++) {
    fast.suspect(0);
    fast.tick(1_000 * s);
  }
  expect(asked).toHaveLength(2);
  expect(fast.ids()).toEqual(["D11/CL00"]);
});
