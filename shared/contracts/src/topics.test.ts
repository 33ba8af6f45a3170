import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Family, families, isId, parseTopic, topicOf } from "./topics.ts";

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const family = fc.constantFrom(...(Object.keys(families) as Family[]));

test("a topic comes back from its text", () => {
  fc.assert(
    fc.property(fc.record({ site: id, edge: id, family }), (topic) => {
      expect(parseTopic(topicOf(topic))).toEqual(topic);
    }),
  );
});

test("text that parses is the text of what it parses to", () => {
  const anything = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), fc.string(), fc.string()).map((parts) => `weir/v1/${parts.join("/")}`),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const topic = parseTopic(text);
      if (topic) expect(topicOf(topic)).toBe(text);
    }),
  );
});

test.each(["+", "#", "a/b", "a+", "#a", "", " ", "A", "-a", "ä", "a\0", "$sys", "a".repeat(64)])(
  "%j is no id",
  (text) => {
    expect(isId(text)).toBe(false);
    expect(parseTopic(`weir/v1/${text}/edge-w/blocks`)).toBeUndefined();
    expect(parseTopic(`weir/v1/riverside/${text}/blocks`)).toBeUndefined();
  },
);

test.each([
  "weir/v1/riverside/edge-w",
  "weir/v1/riverside/edge-w/",
  "weir/v1/riverside/edge-w/blocks/more",
  "weir/v1/riverside/edge-w/blocks/",
  "/weir/v1/riverside/edge-w/blocks",
  "weir/v2/riverside/edge-w/blocks",
  "weir/v1/riverside/edge-w/constructor",
  "weir/v1/riverside/edge-w/toString",
  "weir/v1/riverside/edge-w/__proto__",
  "spBv1.0/riverside/DDATA/edge-w",
])("%s is not ours", (text) => {
  expect(parseTopic(text)).toBeUndefined();
});
