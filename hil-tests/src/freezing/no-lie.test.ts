import { expect, test } from "vitest";
import { forbiddenAtCloud, forbiddenAtEdge, forbiddenAtFog, liesIn } from "./no-lie.ts";

const atFog = forbiddenAtFog({
  edges: ["edge-a"],
  ofEdges: 2,
  connections: [],
  cloud: true,
});

test.each([
  ["edge-a is connected", "edge-a"],
  ["edge-a: heard, 400 readings stored", "edge-a"],
  ["It keeps protecting while the fog is away", "edge-a"],
  ["No output is held by a trip: all 2 edges say so now.", "edge-a"],
  ["no problem is known\ncloud offline", "the plant"],
  ["Normal: 3 of 3 stages judged", "the plant"],
  ["cloud online, 0 items wait for it", "cloud"],
])("of a silent edge and cloud, “%s” is a lie", (text, about) => {
  expect(liesIn("page", text, atFog).map((lie) => lie.about)).toContain(about);
});

test("what is said of the other edge, or of not knowing, is none", () => {
  const text = `edge-b is connected
edge-a: silent: edge-a has not been heard for 2 min
whether it protects cannot be seen from here, last heard 2 min ago
cloud offline, 12 items wait for it`;
  expect(liesIn("page", text, atFog)).toEqual([]);
});

test("an edge whose device or fog is silent does not call it connected, nor all well", () => {
  const claims = forbiddenAtEdge({ connections: ["plc"], fogUrl: "mqtts" });
  const lying =
    "  all well\n  fog       connected to mqtts://fog:8883\n  plc       connected, busy 3 %";
  expect(liesIn("status", lying, claims)).toHaveLength(3);
  const honest = "  1 problem\n  fog       no answer\n  plc       silent: no answer for 40 s";
  expect(liesIn("status", honest, claims)).toEqual([]);
});

test("a cloud counts sites that are heard, and does not say so of a silent one", () => {
  expect(liesIn("console", "Sites heard\n0 of 1\nedge-a not known", forbiddenAtCloud)).toEqual([]);
  expect(liesIn("console", "edge-a heard", forbiddenAtCloud)).toHaveLength(1);
  expect(liesIn("status", "site a: heard; 3 of 4 learned", forbiddenAtCloud)).toHaveLength(1);
});
