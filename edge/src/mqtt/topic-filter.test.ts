import fc from "fast-check";
import { expect, test } from "vitest";
import { filterFlaw, matchesFilter } from "./topic-filter.ts";

test.each([
  ["plant/+/state", "plant/esp1/state", true],
  ["plant/+/state", "plant/esp1/cmd", false],
  ["plant/+", "plant", false],
  ["plant/#", "plant", true],
  ["plant/#", "plant/a/b", true],
  ["#", "$SYS/broker", false],
  ["$SYS/#", "$SYS/broker", true],
  ["+/+", "/finance", true],
  ["+", "/finance", false],
])("%s means %s: %s", (filter, topic, means) => {
  expect(matchesFilter(filter, topic)).toBe(means);
});

test("a topic is meant by itself, with any level replaced and any end cut off", () => {
  const level = fc.stringMatching(/^[a-z0-9 ]{0,6}$/);
  const topics = fc.array(level, { minLength: 1, maxLength: 6 }).filter((t) => t.join("") !== "");
  fc.assert(
    fc.property(topics, fc.nat(5), (levels, at) => {
      const i = at % levels.length;
      const topic = levels.join("/");
      expect(matchesFilter(topic, topic)).toBe(true);
      expect(matchesFilter(levels.with(i, "+").join("/"), topic)).toBe(true);
      expect(matchesFilter([...levels.slice(0, i), "#"].join("/"), topic)).toBe(true);
      expect(matchesFilter(levels.with(i, "x!").join("/"), topic)).toBe(false);
    }),
  );
});

test.each([
  ["plant/esp1", undefined],
  ["", "it is empty or longer than 1024 characters"],
  ["plant/#/state", '"#" stands alone in the last level'],
  ["plant/es#", '"#" stands alone in the last level'],
  ["plant/es+/state", '"+" stands alone in its level'],
])("%s: %s", (filter, flaw) => {
  expect(filterFlaw(filter)).toBe(flaw);
});
