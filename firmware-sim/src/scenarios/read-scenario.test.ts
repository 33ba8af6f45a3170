import { parseYaml } from "@weir/runtime/yaml-source.ts";
import { describe, expect, test } from "vitest";
import { waterWorks } from "../plants/water-works/water-works.ts";
import { loadScenario, readScenario, scenarioNames } from "./read-scenario.ts";

const read = (text: string) => readScenario(waterWorks, parseYaml("day.yaml", text), "day");

function problemsOf(text: string): string[] {
  const result = read(text);
  return result.ok ? [] : result.problems.map((p) => `${p.line}:${p.column} ${p.path} ${p.text}`);
}

test.each(scenarioNames(waterWorks))("%s can be read and says what it is", (name) => {
  expect(loadScenario(waterWorks, name).about).not.toBe("");
});

test("the twelve of the design are there, and the story", () => {
  expect(scenarioNames(waterWorks)).toEqual(
    expect.arrayContaining([
      "normal-week",
      "storm",
      "acid",
      "runaway-dose",
      "ammonia-intrusion",
      "toxic-shock",
      "do-probe-fouling",
      "stuck-toc",
      "thickener",
      "membrane",
      "bearing",
      "algae",
      "story",
    ]),
  );
});

describe("what is wrong is said with line, column and remedy, all at once", () => {
  test("names, numbers, times and unknown keys", () => {
    const problems = problemsOf(`about: A day
profil: tidy
timeline:
  - at: soon
    inject: {fault: biass, sensor: W13/DO01}
  - at: 10m
    inject: {fault: noise, sensor: W13/DO09, value: 900}
  - at: 1h
    inject: {event: acid-discharge, strenght: 7}
  - at: 2h
    inject: {actuator: W13.blower, failure: sticks}
`);
    expect(problems).toEqual([
      "2:1 profil unknown; did you mean profile?",
      '4:9 timeline[0].at "soon" is not a time from the start; write it as 20m, 1h30m or -3.5d',
      '5:21 timeline[0].inject.fault "biass" is unknown; did you mean bias? It is one of drift, bias, gain, stuck, spike, dropout, noise, ne43, slow, sample-flow-loss, scale (What is wrong with the sensor.)',
      '7:36 timeline[1].inject.sensor there is no sensor "W13/DO09"; did you mean W13/DO01? (A sensor.)',
      "7:53 timeline[1].inject.value 900 is above 50; give 1 to 50 (times the noise)",
      "9:37 timeline[2].inject.strenght unknown; did you mean strength?",
      '11:45 timeline[3].inject.failure "sticks" is unknown; give one of welded, feedback-lies, tripped (How it fails.)',
    ]);
  });

  test("an injection of nothing, or of two things", () => {
    const problems = problemsOf(`timeline:
  - at: 0
    inject: {sensor: W13/DO01}
  - at: 0
    inject: {storm: 2, event: backwash}
  - inject: 7
`);
    expect(problems[0]).toContain("names nothing to inject; give exactly one of fault");
    expect(problems[1]).toContain("names event and storm; give exactly one of");
    expect(problems[2]).toContain("timeline[2].at is missing; give a time as 20m");
    expect(problems[3]).toContain("7 is nothing to inject; it must be a table such as");
  });
});

test("what began before the start is kept apart", () => {
  const result = read(`timeline:
  - at: -3.5d
    inject: {event: thickener-compaction, stage: S02}
  - at: 20m
    inject: {event: backwash, stage: D08}
`);
  expect(result.ok && result.scenario.before[0]?.offsetMs).toBe(-3.5 * 86_400_000);
  expect(result.ok && result.scenario.after).toHaveLength(1);
});
