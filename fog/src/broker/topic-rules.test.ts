import { families, topicOf } from "@weir/contracts/topics.ts";
import { expect, test } from "vitest";
import { publishable, subscribable } from "./topic-rules.ts";

const edges = Array.from({ length: 50 }, (_, i) => ({ site: "riverside", edge: `edge-${i}` }));

test("50 × 50 edges: each speaks and hears on its own topics alone", () => {
  for (const name of edges) {
    for (const other of edges) {
      for (const [family, { way }] of Object.entries(families)) {
        const topic = topicOf({ ...other, family: family as keyof typeof families });
        const own = name.edge === other.edge;
        expect(publishable(name, topic)).toBe(own && way === "up" ? family : undefined);
        expect(subscribable(name, topic)).toBe(own && way === "down" ? family : undefined);
      }
    }
  }
});

test("no wildcard, no other site, no other tree", () => {
  const name = { site: "riverside", edge: "edge-w" };
  const foreign = [
    "#",
    "weir/#",
    "weir/v1/riverside/edge-w/#",
    "weir/v1/riverside/+/command",
    "weir/v1/+/edge-w/command",
    "weir/v1/harbour/edge-w/command",
    "weir/v1/riverside/edge-w/command/",
    "weir/v1/riverside/edge-w",
    "weir/v2/riverside/edge-w/command",
    "$SYS/broker/new/clients",
    "$share/group/weir/v1/riverside/edge-w/command",
    "weir/v1/riverside/edge-w/constructor",
    "",
  ];
  for (const topic of foreign) {
    expect(publishable(name, topic), topic).toBeUndefined();
    expect(subscribable(name, topic), topic).toBeUndefined();
  }
});
