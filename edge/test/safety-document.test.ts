/** A cause-and-effect table that people approve: what it takes, and what can never change it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { generateSigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { approveFile } from "../src/commands/approve.ts";
import { matrixLines } from "../src/commands/matrix-lines.ts";
import { loadConfiguration } from "../src/configuration/load-configuration.ts";
import { readOverlay } from "../src/configuration/overlay.ts";

const edgeYaml = (trusted = "[./ana.pub]", more = "") => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc, watchdog: {heartbeat: "holding:90", timeout: 5s}}}
devices:
  - {id: D11, connection: plc, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 5, kind: chlorine_free, unit: mg/L, limits: {hardHigh: 4}}}}
  - {id: D12, connection: plc, unit: 2, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 5, kind: chlorine_free, unit: mg/L}}}
  - {id: D13, connection: plc, unit: 3, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 5, kind: chlorine_free, unit: mg/L}, TU01: {read: "holding:1", type: int16, min: 0, max: 10}}}
safety: {document: ./safety.yaml, trusted: ${trusted}${more}}
`;

const safetyYaml = `
version: 1
edge: edge-d
onBad: trip
outputs: {pump: {write: "coil plc/1:0", safe: off}, air: {write: "holding plc/1:5", safe: 30}}
safety:
  - {id: CL-HIGH, when: {tag: D11/CL01, above: hardHigh, for: 3s}, then: [{set: pump, to: off}], proofTest: {every: 180d}}
  - {id: CL-VOTE, when: {vote: 2oo3, tags: [D11/CL01, D12/CL01, D13/CL01], above: 4.5, for: 3s, onBadChannel: keep}, then: [{set: pump, to: off, afterReset: on}]}
  - {id: CL-LOW, action: boost, onBad: alarm, when: {tag: D11/CL01, below: 0.2}, then: [{set: air, to: 80, over: 30s}]}
`;

let folder = "";
const file = (name: string) => join(folder, name);
const key = signingKeyFromPem(generateSigningKey().privatePem);
const other = signingKeyFromPem(generateSigningKey().privatePem);
const nowMs = Date.UTC(2026, 5, 2);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-approve-"));
  writeFileSync(file("edge.yaml"), edgeYaml());
  writeFileSync(file("safety.yaml"), safetyYaml);
  writeFileSync(file("ana.pub"), key.publicPem);
  writeFileSync(file("ben.pub"), other.publicPem);
  return () => rmSync(folder, { recursive: true });
});

const approve = (by = "Ana", signer = key): { code: number; lines: string[] } => {
  const lines: string[] = [];
  const out = (line: string) => lines.push(line);
  const who = { key: signer, by, reason: "review 12" };
  return { code: approveFile(file("edge.yaml"), who, { out, err: out }, nowMs), lines };
};

const trouble = (): string => {
  const loaded = loadConfiguration(file("edge.yaml"));
  if (loaded.ok) return "";
  expect(loaded.problems).toHaveLength(1);
  return elementAt(elementAt(loaded.problems, 0).text.split("; approve it with"), 0);
};

const edit = (name: string, from: string, to: string) => {
  const text = readFileSync(file(name), "utf8");
  expect(text).toContain(from);
  writeFileSync(file(name), text.replace(from, to));
};

test("a table runs as it was approved, and in no other way", () => {
  expect(trouble()).toBe("this safety document is not approved");
  expect(approve().code).toBe(0);
  const loaded = loadConfiguration(file("edge.yaml"));
  expect(loaded.ok && loaded.configuration.approval).toMatchObject({
    isApproved: true,
    by: "Ana",
    atMs: nowMs,
  });
  expect(loaded.ok && loaded.configuration.rules.map(({ onBad }) => onBad)).toEqual([
    "trip",
    "trip",
    "alarm",
  ]);
  edit("safety.yaml", "above: 4.5", "above: 4.9");
  expect(trouble()).toBe(
    "this safety document was changed after Ana approved it on 2026-06-02T00:00:00.000Z",
  );
});

test("a table does not outlive the readings it was approved on", () => {
  approve();
  edit("edge.yaml", "limits: {hardHigh: 4}", "limits: {hardHigh: 4.9}");
  expect(trouble()).toContain("D11/CL01 is not read as it was");
  edit("edge.yaml", "limits: {hardHigh: 4.9}", "limits: {hardHigh: 4}");
  edit("edge.yaml", "timeout: 5s", "timeout: 9s");
  expect(trouble()).toContain("plc is not read as it was");
  edit("edge.yaml", "timeout: 9s", "timeout: 5s");
  edit("edge.yaml", "max: 10}", "max: 20}"); // turbidity: no rule looks at it
  expect(trouble()).toBe("");
});

test("an approval by somebody else, of another edge or with a wrong signature is none", () => {
  expect(approve("Ben", other).lines[0]).toContain("is not among the trusted ones");
  approve();
  edit("safety.yaml.approval", '"by": "Ana"', '"by": "Eve"');
  expect(trouble()).toBe("this safety document has an approval by Eve whose signature is wrong");
  writeFileSync(file("ana.pub"), other.publicPem);
  edit("safety.yaml.approval", '"by": "Eve"', '"by": "Ana"');
  expect(trouble()).toContain("which is not among the trusted ones");
});

test("two people, each with a key of their own, where the site wants two", () => {
  writeFileSync(file("edge.yaml"), edgeYaml("[./ana.pub, ./ben.pub]", ", approvers: 2"));
  approve("Ana");
  expect(trouble()).toBe(
    "this safety document is approved by 1 of 2 people with keys of their own",
  );
  approve("Ben", key); // one key, another name: it takes the place of the first
  expect(trouble()).toContain("by 1 of 2");
  approve("Ana");
  approve("Ben", other);
  expect(trouble()).toBe("");
});

test("a kept copy of all texts is as good as the files", () => {
  approve();
  const loaded = loadConfiguration(file("edge.yaml"));
  if (!loaded.ok) throw new Error("not loaded");
  writeFileSync(file("safety.yaml"), "broken");
  rmSync(file("safety.yaml.approval"));
  const kept = loadConfiguration(file("edge.yaml"), { texts: loaded.texts });
  expect(kept.ok && kept.configuration.approval.isApproved).toBe(true);
  expect(kept.ok && kept.configuration.sha256).toBe(loaded.configuration.sha256);
});

test("the matrix has a line for every cause and a column for every output", () => {
  const loaded = loadConfiguration(file("edge.yaml"), { approval: "ignored" });
  if (!loaded.ok) throw new Error("not loaded");
  expect(matrixLines(loaded.configuration)).toEqual([
    'cause,group,tags,quantity,vote,bad channel,comparator,limit,unit,for,readings,dead-band,quality,blind,bad readings,action,quiet while,trips per hour,proof test,"pump (plc/1 coil:0 (00001), safe off)","air (plc/1 holding:5 (40006), safe 30)"',
    "CL-HIGH,CL-HIGH,D11/CL01,free chlorine,,,above,4,mg/L,3s,3,0,good,trip,3,stop,,4,180d,trip off,",
    'CL-VOTE,CL-VOTE,D11/CL01 D12/CL01 D13/CL01,free chlorine,2oo3,keep,above,4.5,mg/L,3s,3,0,good,trip,3,stop,,4,,"trip off, then on after reset",',
    "CL-LOW,CL-LOW,D11/CL01,free chlorine,,,below,0.2,mg/L,0s,3,0,good,alarm,3,boost,,4,,,boost 80 over 30s",
  ]);
});

/** Changes to devices and connections as fog or cloud could send them. */
const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const tagChange = fc.dictionary(
  fc.constantFrom("CL01", "TU01"),
  fc.record(
    {
      scale: number,
      offset: number,
      min: number,
      max: number,
      every: fc.constantFrom("1s", "5s", "1h"),
      staleAfter: fc.constantFrom("3s", "1h"),
      read: fc.constantFrom("holding:0", "holding:7", "input:3"),
      type: fc.constantFrom("int16", "uint16", "float32"),
      signal: fc.constantFrom("direct", "4-20mA"),
    },
    { requiredKeys: [] },
  ),
);
const overlay = fc.record({
  devices: fc.array(
    fc.record(
      {
        id: fc.constantFrom("D11", "D12", "D13", "D14"),
        connection: fc.constantFrom("plc", "other"),
        unit: fc.integer({ min: 0, max: 9 }),
        tags: tagChange,
      },
      { requiredKeys: ["id"] },
    ),
    { maxLength: 3 },
  ),
  connections: fc.constantFrom(
    {},
    { other: { type: "modbus-tcp", host: "elsewhere" } },
    { plc: { watchdog: { timeout: "9m" } } },
    { plc: { timeout: "7s" } },
  ),
});
/** Nothing that a rule looks at. */
const harmless = fc.record({
  devices: fc
    .constantFrom("1s", "2s", "1m")
    .map((every) => [{ id: "D13", tags: { TU01: { every, scale: 0.5, max: 30 } } }]),
  connections: fc.constantFrom(
    {},
    { other: { type: "modbus-tcp", host: "elsewhere" } },
    { plc: { timeout: "2s" } },
  ),
});
const smuggled = fc.constantFrom(
  { safety: [] },
  { outputs: {} },
  { safety: { document: "./mine.yaml", trusted: [] } },
  { edge: "edge-w" },
  { devices: [{ id: "D11", tags: { CL01: { limits: { hardHigh: 5 } } } }] },
);

test("2 000 artifacts: outputs, rules and their limits stay as approved, or nothing runs at all", () => {
  approve();
  const own = loadConfiguration(file("edge.yaml"));
  if (!own.ok) throw new Error("not loaded");
  const { texts, configuration } = own;
  const tagsOf = (c: typeof configuration) =>
    c.rules.map(({ vote }) =>
      vote.tags.map((i) => ({
        ...elementAt(c.tags, i),
        index: 0,
        device: elementAt(c.devices, elementAt(c.tags, i).device).id,
      })),
    );
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(overlay, harmless), fc.option(smuggled), (changes, more) => {
      const read = readOverlay("artifact", JSON.stringify({ version: 1, ...changes, ...more }));
      if (!read.ok) return void seen.refused++;
      expect(more).toBeNull();
      const result = loadConfiguration(file("edge.yaml"), { texts, overlay: read.overlay });
      if (!result.ok) return void seen.refused++;
      seen.accepted++;
      const plain = ({ tag: _, vote: __, ...rule }: (typeof configuration.rules)[number]) => rule;
      expect(result.configuration.rules.map(plain)).toEqual(configuration.rules.map(plain));
      expect(result.configuration.outputs).toEqual(configuration.outputs);
      for (const [i, tags] of tagsOf(result.configuration).entries()) {
        for (const [j, tag] of tags.entries()) {
          const before = elementAt(elementAt(tagsOf(configuration), i), j);
          const { place, type, scale, offset, min, max, limits, periodMs } = tag;
          expect(before).toMatchObject({ place, type, scale, offset, min, max, limits, periodMs });
        }
      }
    }),
    { numRuns: 2_000 },
  );
  expect(seen.accepted).toBeGreaterThan(20);
  expect(seen.refused).toBeGreaterThan(100);
});
