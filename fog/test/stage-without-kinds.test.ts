/**
 * A probe that reads 30 of its standard deviations low while its loop holds it at the set point is
 * found whether the plant's tags have kinds, have units and names that tell them, or say nothing.
 */

import { create } from "@bufbuild/protobuf";
import { elementAt } from "@weir/contracts/elements.ts";
import { TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { present } from "@weir/contracts/present.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { historyRow, type StageHistory, type StageTag } from "@weir/detectors/stage-history.ts";
import { scoreStage, stageRatio } from "@weir/detectors/stage-model.ts";
import { trainStageModel } from "@weir/detectors/stage-training.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { aerationMinutes } from "../../shared/detectors/test/aeration-model.ts";
import { aerationTags } from "../../shared/detectors/test/aeration-plant.ts";
import { seeded } from "../../shared/detectors/test/seeded.ts";
import { stageTags } from "../src/detection/stage-plan.ts";
import { kindProblems } from "../src/health/kind-problems.ts";
import { SiteTags } from "../src/historian/site-tags.ts";
import { journalMigrations } from "../src/store.ts";

const units = [
  "mg/L",
  "mg/L",
  "mg/L",
  "Nm3/h",
  "kPa",
  "pH",
  "mg/L",
  "degC",
  "Nm3/h",
  "mg/L",
  "L/s",
];

/** Stage and upstream of the tested plant, in names that no pack has ever heard of. */
const site: SiteModel = {
  site: { id: "anywhere", name: "Anywhere", tz: "UTC" },
  lines: [{ id: "A", name: "A" }],
  stages: [
    { id: "W01", name: "Inlet", line: "A", upstream: [], equipment: "" },
    { id: "W12", name: "Tank 1", line: "A", upstream: ["W01"], equipment: "" },
    { id: "W13", name: "Tank 2", line: "A", upstream: ["W12"], equipment: "" },
  ],
  kpis: [],
};

interface Case {
  pack: SiteModel["pack"];
  kindOf: (tag: StageTag) => string;
  unitOf: (index: number) => string;
}

const cases: Record<string, Case> = {
  named: {
    pack: builtinPack("water"),
    kindOf: ({ kind }) => kind,
    unitOf: (index) => units[index] ?? "",
  },
  inferred: {
    pack: builtinPack("water"),
    kindOf: () => "other",
    unitOf: (index) => units[index] ?? "",
  },
  "absent, at a site without packs": { pack: undefined, kindOf: () => "other", unitOf: () => "" },
};

/** What the fog of a site would look at, from the births of its edge. */
function planned({ pack, kindOf, unitOf }: Case) {
  const tags = new SiteTags(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: journalMigrations }),
    { ...site, pack },
  );
  const born = aerationTags.map((tag, index) =>
    create(TagSchema, {
      ...{ index, id: tag.id, stage: tag.stage, kind: kindOf(tag), unit: unitOf(index) },
      device: tag.stage,
      name: tag.id.slice(4),
    }),
  );
  const plan = tags.plan("edge", born);
  if (plan) tags.learn(plan);
  return { columns: stageTags({ ...site, pack }, tags.rows, "W13"), tags };
}

/** The columns of `history` that the plan names, in its order. */
function columnsOf(history: StageHistory, columns: readonly StageTag[]): StageHistory {
  const at = columns.map(({ id }) => aerationTags.findIndex((tag) => `edge/${tag.id}` === id));
  const pick = (of: readonly Float64Array[]) => at.map((i) => elementAt(of, i));
  return {
    ...history,
    tags: columns,
    mean: pick(history.mean),
    sd: pick(history.sd),
    slope: pick(history.slope),
  };
}

let teaching: StageHistory;
let faulty: StageHistory;
beforeAll(() => {
  teaching = aerationMinutes(3, { fromDay: 11, toDay: 14 });
  faulty = aerationMinutes(3, { fromDay: 15, toDay: 15.25 }, { probeLow: () => 0.9 });
});

describe.each(Object.entries(cases))("kinds %s", (_, one) => {
  test("the fault is over the line in every window, and healthy hours are below it", () => {
    const { columns } = planned(one);
    const model = trainStageModel(
      columnsOf(teaching, columns),
      { stage: "W13", zone: "UTC" },
      seeded(3),
    );
    const ratios = (history: StageHistory) =>
      Array.from({ length: history.rowCount }, (_row, row) =>
        stageRatio(model, historyRow(history, row)),
      );
    expect(ratios(columnsOf(faulty, columns)).filter((ratio) => ratio <= 1)).toEqual([]);
    const healthy = ratios(columnsOf(teaching, columns));
    expect(healthy.filter((ratio) => ratio > 1).length).toBeLessThan(0.02 * healthy.length);
    const last = historyRow(columnsOf(faulty, columns), faulty.rowCount - 1);
    expect(scoreStage(model, last).contributions[0]?.tag).toMatch(/DO0|FL01/);
  });
});

test("what kinds cost is said where it costs something, and only there", () => {
  const toldOf = (name: string) => kindProblems(planned(present(cases[name])))();
  expect(toldOf("named")).toEqual([]);
  expect(toldOf("inferred").map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^stage W13 is learned without the kinds of 1 of its 8 tags \(W13\/SL01\)/,
    ),
    expect.stringMatching(
      /^stage W12 is learned without the kinds of 1 of its 2 tags \(W12\/SL01\)/,
    ),
  ]);
  const told = toldOf("absent, at a site without packs");
  // A lone sensor of a stage has none beside it that could check it.
  expect(told.map(({ subject }) => subject)).toEqual(["W13", "W12"]);
  expect(told[0]).toMatchObject({
    code: "kinds-missing",
    severity: "advisory",
    text: expect.stringMatching(
      /^stage W13 is learned without kinds \(W13\/DO01, .*, …\): sensors of one kind/,
    ),
  });
});
