import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HostView } from "./host-view.ts";
import { type NodeReading, NodeSession } from "./node-session.ts";

const atMs = Date.UTC(2026, 5, 2, 5);

function born() {
  const session = new NodeSession({ group: "g", node: "n", about: {} });
  session.setTags([
    { device: "D", name: "a", unit: "", min: 0, max: 1 },
    { device: "D", name: "b c", unit: "", min: 0, max: 1 },
  ]);
  session.nextDeath(atMs);
  const host = new HostView();
  const births = session.births(atMs).map(({ topic, bytes }) => host.take(topic, bytes));
  return { session, host, births };
}

const reading = (tag: number, value: number, quality: Quality = Quality.GOOD): NodeReading => ({
  tag,
  timeMs: atMs,
  value,
  quality,
  isHistorical: false,
});

test("names, aliases and values come out as the node put them in", () => {
  const { session, host, births } = born();
  expect(births[1]).toEqual([
    {
      what: "values",
      device: "g/n/D",
      values: new Map([
        ["a", Number.NaN],
        ["b c", Number.NaN],
      ]),
    },
  ]);
  const [message] = session.data([reading(0, 1.5), reading(1, 2, Quality.BAD)], atMs);
  expect(host.take(present(message).topic, present(message).bytes)).toEqual([
    {
      what: "values",
      device: "g/n/D",
      values: new Map([
        ["a", 1.5],
        ["b c", Number.NaN],
      ]),
    },
  ]);
});

test("what happened while nobody listened is not taken for news", () => {
  const { session, host } = born();
  const [message] = session.data([{ ...reading(0, 9), isHistorical: true }], atMs);
  expect(host.take(present(message).topic, present(message).bytes)).toEqual([
    { what: "values", device: "g/n/D", values: new Map() },
  ]);
});

test("a missed message ends belief until the next birth", () => {
  const { session, host } = born();
  session.data([reading(0, 1)], atMs);
  const [late] = session.data([reading(0, 2)], atMs);
  const askBirth = { what: "ask-birth", topic: "spBv1.0/g/NCMD/n" };
  expect(host.take(present(late).topic, present(late).bytes)).toEqual([
    { what: "dead", device: "g/n" },
    askBirth,
  ]);
  const [next] = session.data([reading(0, 3)], atMs);
  expect(host.take(present(next).topic, present(next).bytes)).toEqual([askBirth]);
});

test("an old death certificate does not end the session that came after it", () => {
  const { session, host } = born();
  const old = session.death(atMs);
  session.nextDeath(atMs);
  for (const { topic, bytes } of session.births(atMs)) host.take(topic, bytes);
  expect(host.take(old.topic, old.bytes)).toEqual([]);
  const own = session.death(atMs);
  expect(host.take(own.topic, own.bytes)).toEqual([{ what: "dead", device: "g/n" }]);
});

test("no bytes bring it down", () => {
  const kinds = fc.constantFrom("NBIRTH", "NDATA", "DBIRTH", "DDATA", "NDEATH", "DDEATH", "x", "");
  const host = new HostView();
  fc.assert(
    fc.property(kinds, fc.uint8Array({ maxLength: 80 }), (kind, bytes) => {
      host.take(`spBv1.0/g/${kind}/n/d`, bytes);
      host.take(`spBv1.0/g/${kind}/n`, bytes);
    }),
    { numRuns: 2_000 },
  );
});
