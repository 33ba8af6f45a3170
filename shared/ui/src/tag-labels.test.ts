import { expect, test } from "vitest";
import { findTags, tagLabels } from "./tag-labels.ts";

const tag = (id: string, name: string) => ({ id, name, stage: "TANK1", kind: "", unit: "bar" });

test("equal names are told apart by what differs in their paths", () => {
  const labels = tagLabels([
    tag("a/TANK1/PT01", "pressure"),
    tag("a/TANK2/PT01", "pressure"),
    tag("b/TANK2/PT01", "pressure"),
    tag("a/TANK1/LV01", "level"),
  ]);
  const order = ["a/TANK1/PT01", "a/TANK2/PT01", "b/TANK2/PT01", "a/TANK1/LV01"];
  expect(order.map((id) => labels.get(id))).toEqual([
    ...["pressure (TANK1)", "pressure (a/TANK2)", "pressure (b)", "level"],
  ]);
});

test("two edges that read the same device", () => {
  const labels = tagLabels([tag("a/PLC/T1", "T1"), tag("b/PLC/T1", "T1")]);
  expect([...labels.values()]).toEqual(["T1 (a)", "T1 (b)"]);
});

test("a search takes words in any order, from name, path, stage, kind or unit", () => {
  const tags = [
    { ...tag("a/TANK1/PT01", "pressure"), kind: "gauge_pressure" },
    { ...tag("a/PUMP/I01", "current"), stage: "PUMP", unit: "A" },
  ];
  const found = (text: string) => findTags(tags, text).map(({ name }) => name);
  expect(found("tank1 gauge press")).toEqual(["pressure"]);
  expect(found("PUMP")).toEqual(["current"]);
  expect(found("")).toHaveLength(2);
  expect(found("nowhere")).toEqual([]);
});

test("two sensors of one kind on one device", () => {
  const labels = tagLabels([tag("a/PLC/T1", "temperature"), tag("a/PLC/T2", "temperature")]);
  expect([...labels.values()]).toEqual(["temperature (PLC/T1)", "temperature (PLC/T2)"]);
});
