/**
 * `npm run soak`: the large size of every test that has two (shared/testing/src/test-size.ts), one file after
 * another, for hours. Words behind it go to vitest: `npm run soak -- fog/test/kill.test.ts`.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const bin = join(root, "node_modules", ".bin");
const own = process.argv.slice(2);

/** Those that ask for a size themselves, and all properties, whose number of runs grows. */
function filesWithTwoSizes(): string[] {
  const exclude = (path: string) => /(^|\/)(node_modules|dist|\.weir)$/.test(path);
  return globSync("**/{src,test}/**/*.test.{ts,tsx}", { cwd: root, exclude })
    .filter((path) => /test-size\.ts|"fast-check"/.test(readFileSync(join(root, path), "utf8")))
    .sort();
}

const files = own.length > 0 ? own : filesWithTwoSizes();
process.stdout.write(`${files.length} to go\n`);
const failed = files.filter((file) => {
  const run = spawnSync(join(bin, "vitest"), ["run", file], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, WEIR_SOAK: "1" },
  });
  return run.status !== 0;
});
process.stdout.write(
  failed.length === 0 ? "\nall held\n" : `\nfailed:\n${failed.map((f) => `  ${f}\n`).join("")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
