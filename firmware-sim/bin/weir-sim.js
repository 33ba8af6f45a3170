#!/usr/bin/env node
// Starts src/main.ts on a Node that can run it. Plain JavaScript, because an older Node must be able to read it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "../src/main.ts");

/** MiB of JavaScript heap; V8 takes what it may, so without a bound the process only grows. NODE_OPTIONS overrides. */
const heapMax = 512;
const flags = [`--max-old-space-size=${heapMax}`, "--max-semi-space-size=8"];
const bounded =
  process.execArgv.length > 0 || (process.env.NODE_OPTIONS ?? "").includes("old-space");

if (Number(process.versions.node.split(".")[0]) >= 24) {
  if (!bounded && process.execve && process.platform !== "win32") {
    process.execve(
      process.execPath,
      [process.execPath, ...flags, main, ...process.argv.slice(2)],
      process.env,
    );
  }
  await import(main);
} else {
  const bundled = findUp(
    here,
    join("node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node"),
  );
  if (bundled === undefined) {
    process.stderr.write(
      `This is Node ${process.versions.node}; Weir needs 24 or newer. Run "npm ci" in the Weir folder, which brings one, or install Node 24.\n`,
    );
    process.exit(1);
  }
  const child = spawn(bundled, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 128 : 1)));
}

function findUp(from, relative) {
  const candidate = join(from, relative);
  if (existsSync(candidate)) return candidate;
  const parent = dirname(from);
  return parent === from ? undefined : findUp(parent, relative);
}
