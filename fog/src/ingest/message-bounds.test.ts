/** Whatever an edge says comes out as something that may be believed: a property over random messages. */
import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { BirthSchema, EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { bringWithinBounds, textMax } from "./message-bounds.ts";

const atMs = Date.UTC(2026, 5, 2);
const arrival = { atMs, untilMs: atMs + 120_000 };

const numbers = [
  ...[0, 1, -1, atMs, atMs + 1, atMs + 1e9, atMs - 1e13, 1e300, -1e300],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];
const measures = ["value", "limit", "score", "threshold"];

/** Fills every field of a message with something, sound or not. */
function filled(schema: DescMessage, random: () => number): Message {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const message = reflect(schema, create(schema), false);
  const text = () => "x".repeat(Math.floor(random() ** 4 * 5_000));
  for (const field of schema.fields) {
    if (field.oneof && random() < 0.8) continue;
    if (field.fieldKind === "scalar") {
      const now = message.get(field);
      if (field.scalar === 1) message.set(field, pick(numbers));
      else if (typeof now === "string" && field.scalar === 9) message.set(field, text());
    } else if (field.fieldKind === "enum") message.set(field, Math.floor(random() * 40));
    else if (field.fieldKind === "message")
      message.set(field, reflect(field.message, filled(field.message, random), false));
    else if (field.fieldKind === "list" && field.listKind === "message" && random() < 0.5) {
      const list = message.get(field);
      const count = random() < 0.05 ? 2_500 : 2;
      for (let i = 0; i < count; i++) {
        const one = count > 2 ? create(field.message) : filled(field.message, random);
        list.add(reflect(field.message, one, false));
      }
    }
  }
  return message.message;
}

/** Every leaf by its path. */
function* leaves(
  message: ReflectMessage,
): Generator<[name: string, value: unknown, isKnown: boolean]> {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    const value = message.get(field);
    const inner = field.fieldKind === "list" ? [...message.get(field)] : [value];
    if (field.fieldKind === "list") yield ["list", inner.length, true];
    for (const one of inner) {
      if (isReflectMessage(one)) yield* leaves(one);
      else if (field.fieldKind === "enum")
        yield [field.localName, one, field.enum.value[one as number] !== undefined];
      else yield [field.localName, one, true];
    }
  }
}

test.each<DescMessage>([EventSchema, EdgeStatusSchema])(
  "%s within bounds, whatever it was",
  (schema) => {
    const random = seeded(7);
    for (let i = 0; i < 60; i++) {
      const message = filled(schema, () => random.uniform());
      bringWithinBounds(schema, message, arrival);
      for (const [name, value, isKnown] of leaves(reflect(schema, message, false))) {
        expect(isKnown, name).toBe(true);
        if (typeof value === "string") expect(value.length).toBeLessThanOrEqual(textMax);
        if (name === "list") expect(value).toBeLessThanOrEqual(2_000);
        else if (typeof value === "number" && !measures.includes(name)) {
          expect(Number.isFinite(value), name).toBe(true);
        }
        // Every date can be written.
        if (name.endsWith("AtMs") || name === "atMs") new Date(value as number).toISOString();
      }
      // What is sound stays as it is, byte for byte, and nothing is said of it.
      const bytes = toBinary(schema, message);
      const again = fromBinary(schema, bytes);
      expect(bringWithinBounds(schema, again, arrival)).toEqual([]);
      expect(Buffer.compare(toBinary(schema, again), bytes)).toBe(0);
    }
  },
);

test("an honest birth, status and event are left alone", () => {
  const event = create(EventSchema, {
    ...{ id: "north/1/1", atMs: atMs - 3_600_000 },
    body: {
      case: "trip",
      value: { rule: "HIGH", value: Number.NaN, limit: 9, sampledAtMs: atMs - 3_600_010 },
    },
  });
  expect(bringWithinBounds(EventSchema, event, arrival)).toEqual([]);
  const status = create(EdgeStatusSchema, { atMs, latchedTrips: ["HIGH"] });
  expect(bringWithinBounds(EdgeStatusSchema, status, arrival)).toEqual([]);
  const tags = [{ id: "T/L", resolution: 0.01, periodMs: 1_000, hardHigh: 9 }];
  expect(bringWithinBounds(BirthSchema, create(BirthSchema, { atMs, tags }), arrival)).toEqual([]);
});
