/** The files that a site begins with, and those that are shown as examples. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "@weir/runtime/cli.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { exampleFiles } from "../src/example-files.ts";
import { fogSchemaFile, fogSchemaNames, fogSchemaText } from "../src/fog-schemas.ts";
import { program } from "../src/program.ts";
import { referencePages } from "../src/reference-pages.ts";
import { readConfiguration } from "../src/settings.ts";

async function weirFog(...words: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const code = await runProgram(program, words, { ...io, env: {}, isTTY: false });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("init writes a site that validates and can enrol an edge", async () => {
  const dir = tempDir();
  const site = ["--stages", "TANK1,TANK2,PUMP", "--tz", "Europe/Vienna", "--name", "Our plant"];
  expect(await weirFog("init", "our-plant", "--out", dir, ...site)).toMatchObject({ code: 0 });
  const config = join(dir, "fog.yaml");
  expect(readConfiguration(config)).toMatchObject({
    ok: true,
    value: {
      settings: { mqtt: { port: 8_883 }, http: { port: 8_080 }, cloud: undefined },
      site: {
        site: { id: "our-plant", name: "Our plant", tz: "Europe/Vienna" },
        stages: [{ id: "TANK1" }, { id: "TANK2" }, { id: "PUMP" }],
      },
    },
  });
  const out = join(dir, "edge-1");
  const places = ["--config", config, "--data-dir", join(dir, "fog-data"), "--out", out];
  const enrolled = await weirFog("enrol-edge", "edge-1", ...places);
  expect(enrolled.out).toContain('uplink: {url: "mqtts://127.0.0.1:8883", identity: ');
});

test("init overwrites nothing and tells everything that is wrong at once", async () => {
  const dir = tempDir();
  writeFileSync(join(dir, "site.yaml"), "mine");
  const { code, err } = await weirFog(
    ...["init", "Our plant", "--out", dir, "--tz", "Mars/Olympus", "--stages", "A,A,no good"],
  );
  expect(code).toBe(1);
  for (const text of [
    "Our plant",
    "Mars/Olympus",
    "A is named twice",
    "no good",
    "site.yaml already",
  ])
    expect(err).toContain(text);
  expect(readFileSync(join(dir, "site.yaml"), "utf8")).toBe("mine");
});

test("the published schemas and examples are what the tables give; npm run generate writes them", () => {
  for (const name of fogSchemaNames)
    expect(readFileSync(fogSchemaFile(name), "utf8"), name).toBe(fogSchemaText(name));
  for (const { file, text } of [...exampleFiles(), ...referencePages()])
    expect(readFileSync(file, "utf8"), file).toBe(text);
});

test("the examples validate, with the settings that are comments too", () => {
  const dir = tempDir();
  for (const { file } of exampleFiles()) cpSync(file, join(dir, file.split("/").at(-1) as string));
  const config = join(dir, "fog.yaml");
  expect(readConfiguration(config)).toMatchObject({ ok: true });
  mkdirSync(join(dir, "my-plant-identity"));
  for (const name of ["fog.yaml", "site.yaml"]) {
    const text = readFileSync(join(dir, name), "utf8").replace(
      "upstream: [TANK0]",
      "upstream: [PUMP]",
    );
    writeFileSync(join(dir, name), text.replaceAll(/^( *)#( *)#?(?=(\w+:| *-$))/gm, "$1$2"));
  }
  expect(readConfiguration(config)).toMatchObject({
    ok: true,
    value: {
      settings: { cloud: { outboxMib: 2_048 }, mqtt: { names: ["fog.example"] } },
      site: { kpis: [{ id: "level" }], stages: [{ volumeM3: 12, equipment: "tank" }, {}, {}] },
    },
  });
});

test("validate prints either schema", async () => {
  for (const name of fogSchemaNames) {
    const { code, out } = await weirFog("validate", "--schema", "--of", name);
    expect(code).toBe(0);
    expect(`${out}\n`).toBe(fogSchemaText(name));
  }
});
