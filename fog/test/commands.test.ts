import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "@weir/runtime/cli.ts";
import { certificateInfo } from "@weir/runtime/pki.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { program } from "../src/program.ts";
import { site } from "./fog-rig.ts";

let folder: string;
let data: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-commands-"));
  data = join(folder, "data");
  config = join(folder, "fog.yaml");
  writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
  writeFileSync(config, "mqtt: {port: 0}\nhttp: {port: 0}\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function weirFog(...words: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runProgram(program, words, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env: {},
    isTTY: false,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const enrol = (edge: string, out: string) =>
  weirFog("enrol-edge", edge, "--config", config, "--data-dir", data, "--out", join(folder, out));

test("enrol-edge writes an identity that the site's authority has signed", async () => {
  expect(await enrol("edge-w", "w")).toMatchObject({ code: 0 });
  const read = (name: string) => readFileSync(join(folder, "w", name), "utf8");
  expect(certificateInfo(read("cert.pem"))).toMatchObject({
    commonName: "edge-w",
    organization: "riverside",
  });
  expect(JSON.parse(read("identity.json"))).toEqual({ site: "riverside", edge: "edge-w" });
  expect(read("trusted-keys.pem").match(/BEGIN PUBLIC KEY/g)).toHaveLength(1);
  expect(read("ca.pem")).toBe(readFileSync(join(data, "authority/ca.pem"), "utf8"));
  for (const secret of [join(folder, "w/key.pem"), join(data, "authority/ca-key.pem")]) {
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  }
});

test("a cloud's key is believed by edges enrolled after it", async () => {
  const cloud = join(folder, "cloud");
  mkdirSync(cloud);
  for (const name of ["ca.pem", "cert.pem", "key.pem"]) writeFileSync(join(cloud, name), "x");
  writeFileSync(
    join(cloud, "cloud-key.pem"),
    "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n",
  );
  writeFileSync(join(cloud, "identity.json"), '{"site":"riverside","url":"https://127.0.0.1:1"}');
  writeFileSync(config, "cloud: {identity: cloud}\n");
  expect(await enrol("edge-w", "w")).toMatchObject({ code: 0 });
  const keys = readFileSync(join(folder, "w/trusted-keys.pem"), "utf8");
  expect(keys.match(/BEGIN PUBLIC KEY/g)).toHaveLength(2);
  writeFileSync(join(cloud, "identity.json"), '{"site":"harbour","url":"https://127.0.0.1:1"}');
  expect((await weirFog("validate", "--config", config)).err).toMatch(
    /identity\.json: it is for site harbour, this is riverside; make it with/,
  );
});

test("an identity is never overwritten; revoking names what is known", async () => {
  await enrol("edge-w", "w");
  const before = readFileSync(join(folder, "w/key.pem"), "utf8");
  expect(await enrol("edge-w", "w")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/already holds ca\.pem; choose an empty folder/),
  });
  expect(readFileSync(join(folder, "w/key.pem"), "utf8")).toBe(before);
  const revoke = (edge: string) =>
    weirFog("revoke-edge", edge, "--config", config, "--data-dir", data);
  expect(await revoke("edge-w")).toMatchObject({
    code: 0,
    out: "edge-w is revoked (1 certificates)",
  });
  expect(await revoke("edge-w")).toMatchObject({ code: 0, out: "edge-w was revoked before" });
  // Both are in the audit log, by the clock that the command was given.
  const clock = "rate=60,from=2026-06-02T05:00:00Z,at=0";
  const once = ["--config", config, "--data-dir", data, "--clock", clock];
  await weirFog("enrol-edge", "edge-y", ...once, "--out", join(folder, "y"));
  const audit = (await weirFog("audit", "list", "--data-dir", data)).out;
  expect(audit).toMatch(/command, \S+ +edge\.revoke +edge-w +1 certificates/);
  expect(audit).toMatch(/^(?!20[0-9]{2}-).*edge\.enrol +edge-y/m);
  expect((await revoke("edge-x")).err).toMatch(/no edge "edge-x".*enrolled: edge-w/);
  expect((await enrol("Edge W", "x")).err).toMatch(/"Edge W" is not an edge id/);
});

test("every fault of the settings in one go, with line and remedy", async () => {
  writeFileSync(config, "site: nowhere.yaml\nmqtt: {prot: 1, packetKib: 1}\nhistory: {age: 1}\n");
  const { code, err } = await weirFog("validate", "--config", config);
  expect(code).toBe(1);
  expect(err).toMatch(/4 problems/);
  expect(err).toMatch(/fog\.yaml:1:7 .*nowhere\.yaml does not exist/);
  expect(err).toMatch(/did you mean port\?/);
  expect(err).toMatch(/packetKib .*1 is below 16/);
  expect(err).toMatch(/1 has no unit/);
});

test("a site file with a stage nowhere is refused", async () => {
  const broken = { ...site, stages: [{ ...site.stages[0], line: "X" }] };
  writeFileSync(join(folder, "site.yaml"), JSON.stringify(broken));
  const { err } = await weirFog("validate", "--config", config);
  expect(err).toMatch(
    /site\.yaml:1:\d+ +stages\[0\]\.line +there is no line "X"; did you mean D\?/,
  );
});

test("a data folder that cannot be used is said in one sentence", async () => {
  writeFileSync(data, "a file");
  expect((await weirFog("run", "--config", config, "--data-dir", data)).err).toMatch(
    /the data folder .* is, or lies in, a file/,
  );
  rmSync(data);
  await enrol("edge-w", "w");
  writeFileSync(join(data, "authority/ca-key.pem"), "garbage");
  const forged = await weirFog("run", "--config", config, "--data-dir", data);
  expect(forged.code).toBe(1);
  expect(forged.err).toMatch(/authority cannot be read: .*ca-key\.pem: it is not a private key/);
});

test("a damaged fog.db keeps no fog from running, and lies beside the new one", async () => {
  await enrol("edge-w", "w");
  const garbage = "this is not a database, but long enough to look like one".repeat(20);
  writeFileSync(join(data, "fog.db"), garbage);
  const args = ["run", "--config", config, "--data-dir", data, "--json"];
  const fog = startProgram({ program: "weir-fog", args });
  onTestFinished(() => fog.kill());
  await fog.waitFor("started");
  const aside = readdirSync(data).filter((name) => /^fog\.db.+/.test(name));
  const kept = aside.filter((name) => readFileSync(join(data, name), "utf8") === garbage);
  expect(kept).toHaveLength(1);
});

test("a wrong --clock, a missing settings file, nobody to ask", async () => {
  expect((await weirFog("run", "--config", config, "--clock", "fast")).err).toMatch(
    /clock "fast" is not/,
  );
  expect((await weirFog("validate", "--config", join(folder, "absent.yaml"))).err).toMatch(
    /absent\.yaml/,
  );
  expect((await weirFog("status", "--data-dir", data)).err).toMatch(
    /no fog answers.*start it with/,
  );
  expect(existsSync(data)).toBe(false);
});
