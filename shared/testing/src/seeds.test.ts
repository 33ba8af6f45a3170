import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodePath } from "./child-process.ts";

const root = join(import.meta.dirname, "../../..");

/** What a run of the failing cases says on stderr. */
function run(env: Record<string, string> = {}, title = ""): string {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = ["run", "--config", "shared/testing/cases/vitest.config.ts", "-t", title];
  const { WEIR_SEED: _, ...rest } = process.env;
  return spawnSync(nodePath, [vitest, ...args], {
    cwd: root,
    env: { ...rest, ...env },
    encoding: "utf8",
  }).stderr;
}

const file = "shared/testing/cases/draws-and-fails.case.ts";

test("the seed of a test that fails, or that its time-out ends, is told with how to draw it again", () => {
  const said = run();
  expect(said).toMatch(
    new RegExp(
      String.raw`^seed (\d+), run \d+ of this file's properties: WEIR_SEED=\1 npx vitest run ${file} -t "a property never ends"$`,
      "m",
    ),
  );
  expect(said).toContain(`seed 7: WEIR_SEED=7 npx vitest run ${file} -t "a seed never ends"\n`);
  expect(said).toContain(`seed 50: WEIR_SEED=50 npx vitest run ${file} -t "a seed fails"\n`);
  expect(said).not.toContain("nothing fails");
});

test("WEIR_SEED draws that seed alone", () => {
  expect(run({ WEIR_SEED: "77" }, "a seed fails")).toContain("seed 77: WEIR_SEED=77");
  expect(run({ WEIR_SEED: "7" }, "a seed fails")).toBe("");
});

test("WEIR_SEED with a plus draws as many as ever from that one on", () => {
  expect(run({ WEIR_SEED: "20+" }, "a seed fails")).toContain("seed 50: WEIR_SEED=50 ");
});

test("a WEIR_SEED that is no seed is refused", () => {
  expect(run({ WEIR_SEED: "drawn" }, "a seed fails")).toContain('WEIR_SEED is "drawn"');
});
