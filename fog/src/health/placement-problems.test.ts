import type { SiteModel } from "@weir/contracts/site.ts";
import { expect, test } from "vitest";
import { placementProblems } from "./placement-problems.ts";

const stages = [{ id: "TANK1", name: "Tank 1", line: "A", upstream: [] }] as const;
const site = { lines: [{ id: "A", name: "Line A" }], stages } as unknown as SiteModel;
const row = (index: number, stage: string) => ({
  id: `e/${stage}/T${index}`,
  index,
  tag: { stage },
});

test("tags of a stage that the site does not have are told in one line, with what to add", () => {
  const nowMs = 100 * 86_400_000;
  const atMs: Record<number, number> = {
    0: nowMs,
    1: nowMs,
    2: nowMs - 1_000,
    3: nowMs - 2 * 86_400_000,
  };
  const rows = [row(0, "TANK1"), row(1, "OLD"), row(2, "OLD"), row(3, "GONE"), row(4, "NEVER")];
  const problems = placementProblems({
    ...{ clock: { nowMs: () => nowMs }, tags: { current: rows }, site },
    newest: { of: (index) => (atMs[index] === undefined ? undefined : { atMs: atMs[index] }) },
  })();
  expect(problems).toEqual([
    {
      ...{ code: "not-placed", severity: "low", subject: "OLD" },
      text: expect.stringMatching(
        /^e\/OLD\/T1, e\/OLD\/T2 belong to stage OLD.*\{id: OLD, name: OLD, line: A\}/,
      ),
    },
  ]);
});

test("a site that has every stage hears nothing of it", () => {
  const problems = placementProblems({
    ...{ clock: { nowMs: () => 0 }, tags: { current: [row(0, "TANK1")] }, site },
    newest: { of: () => ({ atMs: 0 }) },
  });
  expect(problems()).toEqual([]);
});
