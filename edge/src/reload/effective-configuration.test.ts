import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namedConfiguration } from "../configuration/named-configuration.ts";
import { loadEffective } from "./effective-configuration.ts";

const yaml = (downlink = "allow") => `
version: 1
site: {id: riverside}
edge: edge-d
downlink: {configuration: ${downlink}}
connections:
  plc: {type: modbus-tcp, host: plc, watchdog: {heartbeat: "holding:900", timeout: 2s, timeoutRegister: "holding:901"}}
  other: {type: modbus-tcp, host: other}
devices:
  - {id: D11, connection: plc, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10, limits: {hardHigh: 4}}, PH01: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 14}}}
  - {id: D12, connection: other, tags: {TU01: {read: "holding:10", type: int16, min: 0, max: 100, limits: {hardLow: 1}}, FL01: {read: "holding:11", type: int16}}}
outputs: {pump: {write: "coil plc/1:0", safe: off, feedback: {read: "discrete plc/1:0", within: 5s}}}
safety: [{id: CL-HIGH, when: {tag: D11/CL01, above: hardHigh}, then: [{set: pump, to: off}]}]
`;

function site(downlink?: string): string {
  const file = join(tempDir(), "edge.yaml");
  writeFileSync(file, yaml(downlink));
  return file;
}

function effective(file: string, overlay: unknown) {
  const text = typeof overlay === "string" ? overlay : JSON.stringify(overlay);
  const loaded = loadEffective(file, { overlay: text });
  if (!loaded.ok) return expect.fail("the site's own file must always load");
  return loaded;
}

const change = (more: object) => ({ version: 1, ...more });

describe("changes from above", () => {
  test("are laid over the site's file key by key", () => {
    const { configuration, overlayRefusal } = effective(
      site(),
      change({
        connections: { other: { timeout: "2s" }, third: { type: "modbus-tcp", host: "third" } },
        devices: [
          { id: "D12", tags: { FL01: { every: "5s" } } },
          { id: "D13", connection: "third", tags: { LV01: { read: "input:0", type: "int16" } } },
        ],
      }),
    );
    expect(overlayRefusal).toBeUndefined();
    expect(configuration.connections.map(({ id, timeoutMs }) => [id, timeoutMs])).toEqual([
      ["plc", 1_000],
      ["other", 2_000],
      ["third", 1_000],
    ]);
    expect(configuration.tags.map(({ id, periodMs }) => [id, periodMs])).toEqual([
      ["D11/CL01", 1_000],
      ["D11/PH01", 1_000],
      ["D12/TU01", 1_000],
      ["D12/FL01", 5_000],
      ["D13/LV01", 1_000],
    ]);
  });

  test("are refused where the site's file does not allow them, which is the default", () => {
    const { overlayRefusal, configuration } = effective(site("refuse"), change({}));
    expect(overlayRefusal).toMatch(/does not let its configuration be changed/);
    expect(configuration.tags).toHaveLength(4);
  });

  test.each<[string, object]>([
    ["the place of a tag that a rule reads", { tags: { CL01: { read: "holding:7" } } }],
    ["its scale", { tags: { CL01: { scale: 0.001 } } }],
    ["its period", { tags: { CL01: { every: "1h" } } }],
    ["its device's unit", { unit: 9 }],
    ["its device's connection", { connection: "other" }],
  ])("%s stays", (_, device) => {
    const file = site();
    const { overlayRefusal } = effective(file, change({ devices: [{ id: "D11", ...device }] }));
    expect(overlayRefusal).toMatch(/cannot be changed from above: (tag|device) D11/);
  });

  test("detection of a tag that a rule reads may change, the way to its output may not", () => {
    const detect = { delta: { max: 0.5, window: "30s" } };
    const tags = { CL01: { detect } };
    expect(effective(site(), change({ devices: [{ id: "D11", tags }] })).overlayRefusal).toBe(
      undefined,
    );
    const { overlayRefusal } = effective(
      site(),
      change({ connections: { plc: { host: "elsewhere" } } }),
    );
    expect(overlayRefusal).toMatch(/connection plc port.host: plc → elsewhere/);
  });
});

test.each<[string, string, RegExp]>([
  [
    "a hard limit",
    "version: 1\ndevices: [{id: D11, tags: {CL01: {limits: {hardHigh: 9}}}}]",
    /limits/,
  ],
  [
    "the bounds of thresholds",
    "version: 1\ndevices: [{id: D11, tags: {CL01: {detect: {bounds: {zMax: {min: 1, max: 99}}}}}}]",
    /bounds/,
  ],
  ["an output", "version: 1\noutputs: {pump: {safe: on}}", /outputs/],
  ["a safety rule", "version: 1\nsafety: []", /safety/],
  ["a watchdog", "version: 1\nconnections: {plc: {watchdog: {timeout: 60s}}}", /watchdog/],
  ["where readings go", "version: 1\nuplink: {url: 'mqtts://elsewhere:1'}", /uplink/],
  ["what may come from above", "version: 1\ndownlink: {configuration: allow}", /downlink/],
  ["no YAML", "version: [1", /bracket/],
])("%s cannot even be named", (_, text, reason) => {
  expect(effective(site(), text).overlayRefusal).toMatch(reason);
});

test("what protects keeps room on its connection", () => {
  const tags = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [
      `N${i}`,
      { read: `input:${100 * i}`, type: "int16", every: "50ms" },
    ]),
  );
  const on = (connection: string) =>
    effective(site(), change({ devices: [{ id: "D13", connection, unit: 3, tags }] }))
      .overlayRefusal;
  expect(on("plc")).toMatch(/plc would be busy for 8\d % of its time/);
  expect(on("other")).toBeUndefined();
});

/** Keys and values of every kind, at every level, right and wrong. */
const anything = fc.oneof(
  fc.constantFrom(
    "plc",
    "other",
    "holding:0",
    "holding:7",
    "coil plc/1:0",
    "5s",
    "1h",
    "on",
    "off",
    "int16",
    "float32",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat(300),
  fc.boolean(),
);
const someOf = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
const tagKeys = [
  "read",
  "type",
  "scale",
  "offset",
  "min",
  "max",
  "unit",
  "every",
  "staleAfter",
  "kind",
  "policy",
  "signal",
  "byteOrder",
  "bit",
  "limits",
  "detect",
  "stage",
];
const tag = someOf(
  tagKeys,
  fc.oneof(anything, fc.constant({ hardHigh: 9 }), fc.constant({ delta: { max: 1 } })),
);
const device = fc.record(
  {
    id: fc.constantFrom("D11", "D12", "D13"),
    connection: fc.constantFrom("plc", "other", "third"),
    unit: fc.nat(3),
    stage: fc.constantFrom("X"),
    tags: fc.dictionary(fc.constantFrom("CL01", "PH01", "TU01", "FL01", "NEW"), tag, {
      maxKeys: 3,
    }),
  },
  { requiredKeys: ["id"] },
);
const connection = someOf(
  ["type", "host", "port", "timeout", "gap", "maxRegisters", "watchdog"],
  anything,
);
const overlays = fc.record(
  {
    version: fc.constantFrom(1, 1, 1, 2),
    connections: fc.dictionary(fc.constantFrom("plc", "other", "third"), connection, {
      maxKeys: 2,
    }),
    devices: fc.array(device, { maxLength: 2 }),
    outputs: fc.constant({ pump: { safe: "on" } }),
    safety: fc.constant([]),
    downlink: fc.constant({ configuration: "allow" }),
    uplink: fc.constant({ url: "mqtts://elsewhere:1" }),
    site: fc.constant({ id: "hillside" }),
  },
  { requiredKeys: ["version"] },
);

/** Mostly right, so that the checks behind the first one are reached. */
const rightTag = fc.record(
  {
    every: fc.constantFrom("1s", "2s", "5s"),
    policy: fc.constantFrom("all", "thin"),
    kind: fc.constantFrom("level", "flow"),
    read: fc.constantFrom("holding:20", "holding:30", "holding:0"),
    type: fc.constantFrom("int16", "uint16"),
    scale: fc.constantFrom(0.01, 1),
    detect: fc.constant({ delta: { max: 1 } }),
  },
  { requiredKeys: [] },
);
const rightOverlays = fc.record(
  {
    version: fc.constant(1),
    connections: fc.dictionary(
      fc.constantFrom("plc", "other"),
      fc.record(
        { timeout: fc.constantFrom("1s", "2s"), gap: fc.constantFrom("0ms", "5ms") },
        { requiredKeys: [] },
      ),
      { maxKeys: 1 },
    ),
    devices: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("D11", "D12"),
        tags: fc.dictionary(fc.constantFrom("CL01", "PH01", "TU01", "FL01"), rightTag, {
          maxKeys: 2,
        }),
      }),
      { maxLength: 2, selector: ({ id }) => id },
    ),
  },
  { requiredKeys: ["version"] },
);

test("no change from above touches outputs, rules, limits, or what stands between them", () => {
  const file = site();
  const guarded = (configuration: Parameters<typeof namedConfiguration>[0]) => {
    const items = namedConfiguration(configuration);
    const names = ["agent", "output pump", "rule CL-HIGH", "connection plc", "device D11"];
    const limits = configuration.tags.map(({ id, limits }) => [id, limits]);
    const {
      detect: _,
      policy: __,
      kind: ___,
      assetPath: ____,
      resolution: _____,
      ...cl01
    } = items.get("tag D11/CL01") ?? {};
    const withLimits = limits.filter(([, l]) => JSON.stringify(l).includes("hard"));
    return JSON.stringify([names.map((name) => items.get(name)), cl01, withLimits]);
  };
  const own = loadEffective(file);
  if (!own.ok) expect.fail("the site's own file loads");
  const wanted = guarded(own.configuration);
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(overlays, rightOverlays), (overlay) => {
      const { configuration, overlayRefusal } = effective(file, overlay);
      if (overlayRefusal === undefined) taken++;
      expect(guarded(configuration)).toBe(wanted);
      expect(configuration.rules).toHaveLength(1);
      expect(configuration.outputs).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
  // The property would hold of a function that refuses everything.
  expect(taken).toBeGreaterThan(25);
});
