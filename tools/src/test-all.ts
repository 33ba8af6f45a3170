/**
 * `npm test`: types, style, and every test, in that order, with one closing line.
 * Whatever a test needs beyond npm packages is skipped loudly when absent; with CI set, absence fails.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const bin = (name: string) => join(root, "node_modules", ".bin", name);
const scratch = mkdtempSync(join(tmpdir(), "weir-test-"));
const report = join(scratch, "report.json");
let failed = false;

function step(title: string, command: string, args: string[]): void {
  process.stdout.write(`\n── ${title}\n`);
  const env = {
    ...process.env,
    PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  };
  const run = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (run.status !== 0) {
    failed = true;
    process.stdout.write(`── ${title}: failed\n`);
  }
}

step("types", bin("turbo"), ["run", "check", "--output-logs=errors-only"]);
step("style", bin("biome"), ["check", "."]);
step("web applications", bin("turbo"), ["run", "build", "--output-logs=errors-only"]);
step("tests", bin("vitest"), [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);

try {
  const counts = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
  };
  const skipped = counts.numPendingTests + counts.numTodoTests;
  process.stdout.write(
    `\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${skipped} skipped\n`,
  );
} catch {
  failed = true;
  process.stdout.write("no test report was written\n");
}
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
