// Starts a program's main.ts on a Node that can run it, with a bounded heap. Plain JavaScript, because
// an older Node must be able to read it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeVersionMin = 24;

/**
 * `heapMax`: MiB of JavaScript heap. V8 takes what it may, so without a bound a process only grows;
 * NODE_OPTIONS=--max-old-space-size overrides it. `isSmall`: memory counts more than speed.
 * @param {{ binUrl: string, heapMax: number, isSmall?: boolean }} options
 *   `binUrl`: import.meta.url of <package>/bin/<name>.js
 */
export async function launch({ binUrl, heapMax, isSmall = false }) {
  const here = dirname(fileURLToPath(binUrl));
  const main = join(here, "../src/main.ts");
  const flags = [
    `--max-old-space-size=${heapMax}`,
    `--max-semi-space-size=${isSmall ? 1 : 8}`,
    ...(isSmall ? ["--optimize-for-size"] : []),
  ];
  // The C library keeps a heap for every thread, up to eight a core; two serve as well.
  const env = isSmall ? { MALLOC_ARENA_MAX: "2", ...process.env } : process.env;
  const args = [...flags, main, ...process.argv.slice(2)];
  if (Number(process.versions.node.split(".")[0]) >= nodeVersionMin) {
    const isBounded =
      process.execArgv.length > 0 || (process.env.NODE_OPTIONS ?? "").includes("old-space");
    if (!isBounded && process.execve && process.platform !== "win32") {
      process.execve(process.execPath, [process.execPath, ...args], env);
    }
    await import(main);
    return;
  }
  const node = findUp(
    here,
    join("node_modules/.bin", process.platform === "win32" ? "node.cmd" : "node"),
  );
  if (node === undefined) {
    process.stderr.write(
      `This is Node ${process.versions.node}; Weir needs ${nodeVersionMin} or newer. Run "npm ci" in the Weir folder, which brings one, or install Node ${nodeVersionMin}.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 128 : 1)));
}

function findUp(from, relative) {
  const candidate = join(from, relative);
  if (existsSync(candidate)) return candidate;
  const parent = dirname(from);
  return parent === from ? undefined : findUp(parent, relative);
}
