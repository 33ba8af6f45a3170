import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dataDirFault, openDataDir } from "./data-dir.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weir-data-dir-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const failure = (act: () => unknown): { code: string; message: string } => {
  try {
    act();
  } catch (error) {
    return error as never;
  }
  throw new Error("nothing was thrown");
};

test("is made, holds its files and leaves nothing of its own", () => {
  const dir = openDataDir(join(root, "a/b"));
  expect(dir.file("x.db")).toBe(join(root, "a/b/x.db"));
  expect(readdirSync(dir.path)).toEqual(["weir.lock"]);
  dir.close();
  dir.close();
  expect(readdirSync(dir.path)).toEqual([]);
  openDataDir(dir.path).close();
});

test("a second one in this process is refused", () => {
  const dir = openDataDir(root);
  expect(failure(() => openDataDir(root)).message).toBe(
    `the data folder ${root} is in use by the running process ${process.pid}; stop that one, or choose another with --data-dir`,
  );
  dir.close();
});

describe("the lock of another process", () => {
  test("holds while it lives and is taken over when it was killed", async () => {
    const script = `const { openDataDir } = await import(${JSON.stringify(new URL("./data-dir.ts", import.meta.url).href)}); openDataDir(${JSON.stringify(root)}); console.log("open"); setInterval(() => {}, 1e6);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      expect(failure(() => openDataDir(root))).toMatchObject({
        code: "RUNTIME_DATA_DIR_LOCKED",
        message: expect.stringContaining(`process ${child.pid};`),
      });
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(existsSync(join(root, "weir.lock"))).toBe(true);
    openDataDir(root).close();
  });

  test.each([
    ["half-written", '{"pid'],
    ["without a number", '{"pid":"x"}'],
    [
      "of our own number, but an earlier life",
      JSON.stringify({ pid: process.pid, birth: "another-boot/1" }),
    ],
    ["of a number nobody has", JSON.stringify({ pid: 2 ** 22 + 1, birth: "" })],
  ])("%s is stale", (_, text) => {
    writeFileSync(join(root, "weir.lock"), text);
    const dir = openDataDir(root);
    expect(JSON.parse(readFileSync(join(root, "weir.lock"), "utf8")).pid).toBe(process.pid);
    dir.close();
  });

  test("without a birth it counts as long as its number is alive", () => {
    writeFileSync(join(root, "weir.lock"), JSON.stringify({ pid: process.pid, birth: "" }));
    expect(failure(() => openDataDir(root)).code).toBe("RUNTIME_DATA_DIR_LOCKED");
  });
});

describe("a folder that cannot be used", () => {
  test("is a file, or under one", () => {
    writeFileSync(join(root, "f"), "");
    for (const path of [join(root, "f"), join(root, "f/g")])
      expect(failure(() => openDataDir(path)).message).toBe(
        `the data folder ${path} is, or lies in, a file; name a folder, or move the file away`,
      );
  });

  test.runIf(process.getuid?.() !== 0)("may not be written", () => {
    chmodSync(root, 0o500);
    expect(failure(() => openDataDir(root)).code).toBe("RUNTIME_DATA_DIR_NOT_WRITABLE");
    chmodSync(root, 0o700);
  });

  test.each([
    ["EACCES", "RUNTIME_DATA_DIR_NOT_WRITABLE", "cannot be written (EACCES)"],
    ["EROFS", "RUNTIME_DATA_DIR_NOT_WRITABLE", "cannot be written (EROFS)"],
    ["ENOSPC", "RUNTIME_DATA_DIR_FULL", "is full; free some space"],
  ])("%s", (errno, code, words) => {
    const error = Object.assign(new Error(errno), { code: errno });
    expect(dataDirFault("/d", error)).toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test("anything else is passed on", () => {
    const error = new Error("other");
    expect(dataDirFault("/d", error)).toBe(error);
  });
});
