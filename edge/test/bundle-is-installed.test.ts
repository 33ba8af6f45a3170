/** What a gateway gets: built, installed as docs/edge/operations.md says, and run where nothing can be compiled. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nodePath } from "@weir/testing/child-process.ts";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, onTestFinished, test } from "vitest";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A folder with these programs alone stands for the whole PATH: no cc, no make, no python. */
function bareMachine(folder: string): NodeJS.ProcessEnv {
  mkdirSync(folder);
  const whole = (name: string) =>
    execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
  symlinkSync(realpathSync(nodePath), `${folder}/node`);
  for (const name of ["npm", "sh"]) symlinkSync(realpathSync(whole(name)), `${folder}/${name}`);
  // Options of a test run are not the gateway's.
  const { NODE_OPTIONS: _, NODE_PATH: __, ...env } = process.env;
  return { ...env, PATH: folder };
}

const registry = needs("npm-registry");

test.runIf(registry.present)(
  "the bundle installs without a compiler, and runs without a word of warning",
  async () => {
    const folder = tempDir();
    const env = bareMachine(`${folder}/bin`);
    const dist = `${folder}/opt/weir-edge`;
    const run = async (program: string, ...args: string[]) =>
      promisify(execFile)(program, args, { cwd: folder, env });
    await promisify(execFile)(nodePath, [path("../bundle.ts"), dist]);
    await run("npm", "ci", "--prefix", dist, "--prefer-offline", "--no-audit", "--no-fund");

    const weirEdge = `${dist}/weir-edge.js`;
    expect(await run(weirEdge, "--version")).toEqual({ stdout: "weir-edge 0.1.0\n", stderr: "" });
    for (const example of [
      "first",
      "modbus-tcp",
      "serial-bus",
      "instruments",
      "machine",
      "brokers",
    ]) {
      const { stdout } = await run(weirEdge, "validate", path(`../examples/${example}.yaml`));
      expect(stdout).toMatch(/^edge-\S+ of \S+: \d+ connection/);
    }

    const args = ["--config", path("../examples/first.yaml"), "--data-dir", `${folder}/data`];
    const agent = spawn(weirEdge, ["run", ...args, "--json"], { cwd: folder, env });
    onTestFinished(() => void agent.kill("SIGKILL"));
    let said = "";
    agent.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    for await (const line of createInterface({ input: agent.stdout })) {
      if (JSON.parse(line).event === "started") break;
    }
    agent.kill("SIGTERM");
    expect(await once(agent, "close")).toEqual([0, null]);
    // What Node or a module says is no line of the log; the one device of the example is not wired here.
    const logged = said.trim().split("\n");
    const errors = logged.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");
    expect(errors.filter(({ subject }) => subject !== "plc")).toEqual([]);
    expect(said).not.toMatch(/warning|Cannot find/i);
  },
);

test("the versions of what stays beside the bundle are those that the repository is tested with", async () => {
  const { bundlePackage } = await import("../bundle-package.ts");
  const lock = JSON.parse(readFileSync(path("../../package-lock.json"), "utf8"));
  const written = JSON.parse((await bundlePackage(["better-sqlite3"]))["package-lock.json"]);
  const { "": own, ...packages } = written.packages;
  expect(own.dependencies).toEqual({
    "better-sqlite3": lock.packages["node_modules/better-sqlite3"].version,
  });
  expect(Object.keys(packages)).toContain("node_modules/node-addon-api");
  for (const [name, entry] of Object.entries(packages)) expect(entry).toEqual(lock.packages[name]);
});
