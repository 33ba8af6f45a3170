import { create, toJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type MessageOf, open, seal } from "./envelope.ts";
import { type Birth, BirthSchema } from "./generated/weir/v1/edge_pb.ts";
import { TelemetrySchema } from "./generated/weir/v1/telemetry_pb.ts";
import { schemas } from "./schemas.ts";
import { type Family, families } from "./topics.ts";

const birth = create(BirthSchema, {
  site: "riverside",
  edge: "edge-d",
  epoch: 3,
  revision: 1,
  atMs: 1_780_000_000_000,
  agentVersion: "0.1.0",
  dictionary: 0xdeadbeef,
  tags: [{ index: 0, id: "D11/CL01", resolution: 0.01, periodMs: 1000, hardHigh: 4 }],
});

const textOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const json = (message: Birth, more: object = {}) =>
  textOf({ schema: "birth", version: 1, ...(toJson(BirthSchema, message) as object), ...more });

test("every family is sealed and opened", () => {
  for (const family of Object.keys(families) as Family[]) {
    const entry = schemas[family];
    const message = create(entry.message) as MessageOf<typeof family>;
    const bytes = seal(family, message);
    expect([...bytes]).toEqual([entry.id, entry.version]);
    expect(open(family, bytes)).toEqual({ ok: true, value: message });
  }
});

test("ids differ, and none opens JSON", () => {
  const ids = Object.values(schemas).map((entry) => entry.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).not.toContain("{".charCodeAt(0));
});

test("a birth comes back, from protobuf and from JSON", () => {
  expect(open("birth", seal("birth", birth))).toEqual({ ok: true, value: birth });
  expect(open("birth", json(birth))).toEqual({ ok: true, value: birth });
});

test("bytes stay bytes in JSON", () => {
  const telemetry = create(TelemetrySchema, {
    epoch: 1,
    sequence: 2,
    block: Uint8Array.of(0, 255),
  });
  const fields = toJson(TelemetrySchema, telemetry) as object;
  const bytes = textOf({ schema: "blocks", version: 1, ...fields });
  expect(open("blocks", bytes)).toEqual({ ok: true, value: telemetry });
});

const faultOf = (family: Family, bytes: Uint8Array) => {
  const opened = open(family, bytes);
  return opened.ok ? "ok" : opened.fault;
};

test("another family's message is refused", () => {
  expect(faultOf("death", seal("birth", birth))).toBe("wrong-schema");
  expect(faultOf("death", json(birth))).toBe("wrong-schema");
  expect(faultOf("birth", json(birth, { schema: null }))).toBe("wrong-schema");
});

test("a newer version and version 0 are refused, and the sentence names them", () => {
  const bytes = seal("birth", birth);
  for (const version of [0, schemas.birth.version + 1, 255]) {
    const opened = open("birth", bytes.with(1, version));
    expect(opened).toMatchObject({ ok: false, fault: "unknown-version" });
    expect(!opened.ok && opened.detail).toContain(`version ${version}`);
    expect(faultOf("birth", json(birth, { version }))).toBe("unknown-version");
  }
  expect(faultOf("birth", json(birth, { version: "1" }))).toBe("unknown-version");
  expect(faultOf("birth", json(birth, { version: 1.5 }))).toBe("unknown-version");
});

test("every older version is read", () => {
  const bytes = seal("birth", birth);
  for (let version = 1; version <= schemas.birth.version; version++) {
    expect(faultOf("birth", bytes.with(1, version))).toBe("ok");
  }
});

test("a field that this reader does not know passes by in protobuf", () => {
  const bytes = Uint8Array.of(...seal("birth", birth), 0xf8, 0x7f, 0x01); // field 2047, varint 1
  expect(faultOf("birth", bytes)).toBe("ok");
});

test("nothing that arrives throws", () => {
  const sealed = seal("birth", birth);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(sealed.length).map((end) => sealed.subarray(0, end)),
        fc
          .tuple(fc.nat(sealed.length - 1), fc.nat(255))
          .map(([at, byte]) => Uint8Array.from(sealed).with(at, byte)),
        fc.json().map((text) => new TextEncoder().encode(text)),
        fc.string().map((text) => new TextEncoder().encode(`{${text}`)),
      ),
      (bytes) => {
        expect(["ok", "truncated", "wrong-schema", "unknown-version", "malformed"]).toContain(
          faultOf("birth", bytes),
        );
      },
    ),
    { numRuns: 1000 },
  );
});
