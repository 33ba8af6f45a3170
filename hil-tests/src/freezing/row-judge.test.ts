import { expect, test } from "vitest";
import { type Expectation, expectation, onceBack, type Scene, whileSilent } from "./expectation.ts";
import { type Forbidden, RowJudge } from "./row-judge.ts";

const rate = 10;
const by = { plantMs: 60_000, realMs: 1_000 };
/** 60 s of plant time, and a second of real time on a clock that is ten times as fast. */
const dueMs = 70_000;

type Shown = { says?: string; lie?: string; phase?: Scene["phase"]; machineMs?: number };

const shows = (what: string): Expectation => shownWhen(whileSilent(by), what);

const shownWhen = (due: Expectation["due"], what: string): Expectation =>
  expectation({
    ...{ due, where: "page", says: what },
    saw: (scene) => (scene as unknown as Shown).says ?? "",
    holds: (saw) => saw === what,
  });

const neverSaid: Forbidden = {
  after: by,
  liesIn: (scene) => {
    const { lie } = scene as unknown as Shown;
    return lie === undefined ? [] : [{ where: "page", words: lie, about: "edge-a" }];
  },
};

/** Looks at the given plant times. */
function judged(
  { expectations = [], forbidden = [] }: { expectations?: Expectation[]; forbidden?: Forbidden[] },
  looks: [sinceMs: number, shown: Shown][],
): RowJudge {
  const judge = new RowJudge({ expectations, forbidden, rate });
  for (const [sinceMs, { phase = "silent", machineMs = 0, ...shown }] of looks) {
    const scene = { ...shown, phase } as unknown as Scene;
    judge.look({ scene, sinceMs, machineMs, isLast: false });
  }
  return judge;
}

test("a lie that corrects itself is a fault at its first sight", () => {
  const { findings } = judged({ forbidden: [neverSaid] }, [
    [dueMs, {}],
    [dueMs + 1, { lie: "edge-a is connected" }],
    [dueMs + 2, {}],
  ]);
  expect(findings).toMatchObject([{ sinceMs: dueMs + 1, saw: "edge-a is connected" }]);
});

test("what is claimed before anybody could know is none", () => {
  const { findings } = judged({ forbidden: [neverSaid] }, [[dueMs - 1, { lie: "connected" }]]);
  expect(findings).toEqual([]);
});

test("told in time and for good is well; late, or never, is not", () => {
  const expectations = [shows("silent")];
  const told = judged({ expectations }, [
    [0, {}],
    [dueMs - 1, { says: "silent" }],
    [dueMs + 1, { says: "silent" }],
  ]);
  expect([told.findings, told.isAllTold("silent")]).toEqual([[], true]);
  const late = judged({ expectations }, [
    [dueMs, {}],
    [dueMs + 1, { says: "silent" }],
  ]);
  expect(late.findings).toMatchObject([{ sinceMs: dueMs, says: "silent", saw: '""' }]);
  expect(judged({ expectations }, [[0, {}]]).isAllTold("silent")).toBe(false);
});

test("what was told and is told no longer is a fault, and says so", () => {
  const { findings } = judged({ expectations: [shows("silent")] }, [
    [dueMs, { says: "silent" }],
    [dueMs + 1, { says: "connected" }],
  ]);
  expect(findings.map(({ saw }) => saw)).toEqual(['it was told, and is so no longer: "connected"']);
});

test("what must hold ever must hold at once, in both phases", () => {
  const { findings } = judged({ expectations: [shownWhen("ever", "open")] }, [
    [0, { says: "closed" }],
    [0, { phase: "back", says: "closed" }],
    [1, { phase: "back", says: "closed" }],
  ]);
  expect(findings.map(({ phase, sinceMs }) => [phase, sinceMs])).toEqual([
    ["silent", 0],
    ["back", 0],
  ]);
});

test("each phase owes its own, and a busy machine is given what it adds", () => {
  const expectations = [shows("silent"), shownWhen(onceBack(by), "heard again")];
  const judge = judged({ expectations }, [
    [dueMs + 1_000, { machineMs: 1_000 }],
    [0, { phase: "back", says: "heard again" }],
  ]);
  expect(judge.findings).toEqual([]);
  expect([judge.isAllTold("silent"), judge.isAllTold("back")]).toEqual([false, true]);
  expect(judge.allDueMs("silent", 1_000)).toBe(dueMs + 1_000 * rate);
});
