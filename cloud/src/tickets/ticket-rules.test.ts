/** How a stage fails, from what has changed at it: with the packs of its site, and without any. */
import type { PlantPack } from "@weir/contracts/plant-pack.ts";
import { Catalogue, emptyPack } from "@weir/plants/catalogue.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { describe, expect, test } from "vitest";
import { type ChannelChange, failureModeFor, urgencyOf } from "./ticket-rules.ts";

const hourMs = 3_600_000;
const change = (
  kind: string,
  share: number,
  [usual, now]: [number, number] = [1, 1.3],
  hardHigh: number | null = null,
) =>
  ({
    tag: { kind, name: "X", hardLow: null, hardHigh },
    share,
    usual,
    now,
    distance: 5,
  }) as unknown as ChannelChange;

const judge = (pack: PlantPack, equipment: string, channels: ChannelChange[]) => {
  const facts = { equipment, channels };
  const mode = failureModeFor(facts, new Catalogue(pack));
  return { ...mode, ...urgencyOf(mode, facts) };
};

describe("water", () => {
  const water = builtinPack("water");
  test.each<[string, ChannelChange[], string, string]>([
    [
      "gravity thickener",
      [change("blanket", 0.4)],
      "LOO",
      "sludge no longer thickens as it should",
    ],
    ["thickener", [change("ph", 0.9)], "LOO", "sludge no longer thickens as it should"],
    ["membrane", [change("pressure", 0.3)], "PLU", "membrane is fouling faster than usual"],
    [
      "UF skid",
      [change("ph", 0.8)],
      "AIR",
      "one probe no longer agrees with the rest of its stage",
    ],
    ["tank", [change("vibration", 0.5)], "VIB", "machine vibrates more than it used to"],
    [
      "chlorination",
      [change("chlorine_free", 0.75)],
      "AIR",
      "one probe no longer agrees with the rest of its stage",
    ],
    ["pumping station", [change("flow", 0.4)], "LOO", "pump gives less than it used to"],
    ["reservoir", [change("level", 0.3)], "PDE", "stage no longer behaves as learned"],
  ])("%s", (equipment, channels, code, headline) => {
    expect(judge(water, equipment, channels)).toMatchObject({ code, headline });
  });

  test("a membrane whose pressure has nearly doubled, a probe with a hard limit, are more urgent", () => {
    const membrane = (now: number) =>
      judge(water, "membrane", [change("pressure", 0.3, [20, now])]);
    expect(membrane(30)).toMatchObject({ priority: "P3", policyMs: 120 * hourMs });
    expect(membrane(40)).toMatchObject({ priority: "P2", policyMs: 120 * hourMs });
    const probe = (limit: number | null) =>
      judge(water, "chlorination", [change("chlorine_free", 0.8, [1, 2], limit)]);
    expect(probe(null)).toMatchObject({ priority: "P3", policyMs: 120 * hourMs });
    expect(probe(4)).toMatchObject({ priority: "P2", policyMs: 24 * hourMs });
  });
});

describe("general", () => {
  const general = builtinPack("general");
  test.each<[string, ChannelChange[], string]>([
    ["screw compressor", [change("power", 0.5)], "LOO"],
    ["screw compressor", [change("temperature", 0.5)], "OHE"],
    ["refrigerant dryer", [change("dew_point", 0.6, [3, 8])], "LOO"],
    ["chiller", [change("pressure", 0.5, [11, 14])], "IHT"],
    ["chiller", [change("temperature", 0.5, [6, 9])], "LOO"],
    ["tunnel oven", [change("gas_flow", 0.4)], "FTR"],
    ["tunnel oven", [change("temperature", 0.4)], "PDE"],
    ["cold store", [change("temperature", 0.4)], "LOO"],
    ["proofer", [change("humidity", 0.4)], "FTR"],
    ["plate heat exchanger", [change("temperature", 0.4)], "IHT"],
    ["exhaust fan", [change("current", 0.4)], "LOO"],
    ["control valve", [change("flow", 0.4)], "FTR"],
    ["air receiver", [change("pressure", 0.5, [7, 6])], "ELP"],
    ["belt conveyor", [change("current", 0.5)], "ERO"],
    ["power meter", [change("energy", 0.5)], "HIO"],
    ["something else", [change("humidity", 0.8)], "AIR"],
  ])("%s is a failure mode of its class", (equipment, channels, code) => {
    const { code: found, actions, because } = judge(general, equipment, channels);
    expect(found).toBe(code);
    expect(actions.length).toBeGreaterThan(0);
    expect(because).not.toMatch(/sludge|sewage|chlorine|effluent/i);
  });
});

test("a site without packs is told in plain words", () => {
  expect(judge(emptyPack, "gravity thickener", [change("blanket", 0.9)])).toMatchObject({
    code: "PDE",
    headline: "stage no longer behaves as learned",
    priority: "P3",
    policyMs: 120 * hourMs,
    parts: [],
  });
});
