import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "@weir/runtime/cli.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { diff, diffCodes } from "./diff.ts";
import { failureText } from "./probe-target.ts";
import { profiles } from "./profiles.ts";

const program = { name: "weir-edge", about: "The edge.", commands: { diff, profiles } };

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    env: {},
    isTTY: false,
  };
  const code = await runProgram(program, argv, io);
  return { code, out, err };
}

const base = {
  every: "1s",
  high: "4",
  kind: "chlorine_free",
  more: "",
  order: ["D11", "D12"],
};

function written(change: Partial<typeof base>): string {
  const { every, high, kind, more, order } = { ...base, ...change };
  const devices: Record<string, string> = {
    D11: `{id: D11, connection: plc, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, kind: ${kind}, min: 0, max: 10, limits: {hardHigh: ${high}}}}}`,
    D12: `{id: D12, connection: other, tags: {PH01: {read: "holding:1", type: int16, every: ${every}}${more}}}`,
  };
  const file = join(tempDir(), "edge.yaml");
  writeFileSync(
    file,
    `version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}, other: {type: modbus-tcp, host: other}}
devices: [${order.map((id) => devices[id]).join(", ")}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: CL-HIGH, when: {tag: D11/CL01, above: hardHigh}, then: [{set: pump, to: off}]}]
`,
  );
  return file;
}

const difference = (change: Partial<typeof base>) => run("diff", written({}), written(change));

test("the same, and the same in another order", async () => {
  expect(await difference({})).toMatchObject({
    code: diffCodes.same,
    out: ["nothing that the agent acts on differs"],
  });
  expect((await difference({ order: ["D12", "D11"] })).code).toBe(diffCodes.same);
});

test("what protects nothing is told as such", async () => {
  const more = ', LV01: {read: "holding:9", type: int16}';
  expect(await difference({ every: "5s", kind: "ph", more })).toMatchObject({
    code: diffCodes.differs,
    out: [
      "nothing that protects changes:",
      "    tag D11/CL01 kind: chlorine_free → ph",
      "    tag D12/PH01 every: 1s → 5s",
      "    tag D12/PH01 staleAfter: 3s → 15s",
      "    tag D12/LV01 is new",
    ],
  });
});

test("what protects comes first, with an exit code of its own", async () => {
  const { code, out } = await difference({ high: "5", every: "5s" });
  expect(code).toBe(diffCodes.safety);
  expect(out.slice(0, 3)).toEqual([
    "changes what protects:",
    "  ! tag D11/CL01 limits.hardHigh: 4 → 5",
    "  ! rule CL-HIGH limit: 4 → 5",
  ]);
  const { out: json } = await run("diff", written({}), written({ high: "5" }), "--json");
  expect(JSON.parse(json.at(-1) ?? "")).toEqual({ event: "diff", changes: 2, isSafety: true });
});

test("a faulty file is told, not compared", async () => {
  const { code, err } = await run("diff", written({}), written({ every: "soon" }));
  expect(code).toBe(diffCodes.broken);
  expect(err.join("\n")).toMatch(/"soon" is not a duration/);
});

test("profiles are listed, one is told whole, a wrong name is told with what there is", async () => {
  const { out } = await run("profiles", "--json");
  expect(out.map((line) => JSON.parse(line).name)).toContain("hach-ldo-aq");
  const one = await run("profiles", "builtin:hach-ldo-aq");
  expect(one.out.join("\n")).toMatch(/DO01, TE01, SA01[\s\S]*table 2/);
  expect(await run("profiles", "hach-ldo-aqs")).toMatchObject({
    code: 1,
    err: ['there is no profile "hach-ldo-aqs"; did you mean hach-ldo-aq?'],
  });
});

test("a serial line that somebody holds is told as such, other refusals as they are", () => {
  const line = "/dev/ttyUSB0 19200 8E1";
  expect(failureText(line, "Error Resource temporarily unavailable Cannot lock port")).toMatch(
    /held by another program, most likely by the running agent/,
  );
  expect(failureText(line, "no answer within 500 ms")).toBe("no answer within 500 ms");
  expect(failureText("10.0.8.11:502", "busy")).toBe("busy");
});
