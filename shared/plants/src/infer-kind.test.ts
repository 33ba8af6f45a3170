/** What a tag measures where nobody has said so: told from unit, name and place, or left open. */
import { expect, test } from "vitest";
import { Catalogue, catalogueOf, unknownKind } from "./catalogue.ts";
import { wordsOf } from "./infer-kind.ts";
import { builtinPack } from "./load-packs.ts";

const general = new Catalogue(builtinPack("general"));
const water = new Catalogue(builtinPack("water"));

test("names are read as people write them", () => {
  expect(wordsOf("TankTemp_01")).toEqual(["tank", "temp", "01"]);
  expect(wordsOf("PT100")).toEqual(["pt", "pt100"]);
  expect(wordsOf("O2-Level")).toEqual(["o", "o2", "level"]);
});

test.each([
  ["degC", "X1", "temperature"],
  ["°C", "MO02", "temperature"],
  ["bar", "HEAD", "pressure"],
  ["m³/h", "A", "flow"],
  ["kW", "METER", "power"],
  ["kWh", "METER", "energy"],
  ["A", "M1", "current"],
  ["mm/s", "MO01", "vibration"],
  ["%", "ZT7", "position"],
  ["%", "Proofer_Humidity", "humidity"],
  ["%rF", "X", "humidity"],
  ["°C", "DewPoint1", "dew_point"],
  ["rpm", "FAN", "speed"],
  ["", "PT01", "pressure"],
  ["", "OilTemperature", "temperature"],
  ["", "LIC101", "level"],
])("%s %s is %s", (unit, name, kind) => {
  expect(general.tagKind("", { unit, name })).toEqual({ kind, inferred: true });
});

test.each([
  ["mg/L", "CL01", "chlorine_free"],
  ["mg/L", "DO02", "dissolved_oxygen"],
  ["NTU", "TU01", "turbidity"],
  ["mg/L", "TU01", "tss"],
  ["m", "LV01", "level"],
  ["m", "BLANKET", "blanket"],
  ["uS/cm", "SL01", "conductivity"],
  ["mV", "SL01", "orp"],
  ["", "CL01", "chlorine_free"],
])("water: %s %s is %s", (unit, name, kind) => {
  expect(water.tagKind("other", { unit, name })).toEqual({ kind, inferred: true });
});

test("what is given stays; what nothing tells stays open", () => {
  expect(general.tagKind("viscosity", { unit: "bar", name: "PT01" })).toEqual({
    kind: "viscosity",
    inferred: false,
  });
  for (const tag of [
    { unit: "%", name: "X1" },
    { unit: "mg/L", name: "SL01" },
    { unit: "widgets", name: "PT01" },
    { unit: "", name: "VALUE" },
  ]) {
    expect(general.tagKind("", tag)).toEqual({ kind: unknownKind, inferred: false });
  }
});

test("the device's name and the range settle what the tag's name leaves open", () => {
  expect(general.tagKind("", { unit: "%", name: "VALUE", device: "ROOM-HUMIDITY" }).kind).toBe(
    "humidity",
  );
  expect(general.tagKind("", { unit: "degC", name: "DEW", min: 200, max: 900 }).kind).toBe(
    "temperature",
  );
});

test("without packs nothing is inferred and names are plain", () => {
  const none = catalogueOf(undefined);
  expect(none.tagKind("", { unit: "bar", name: "PT01" }).kind).toBe(unknownKind);
  expect(none.kindName("air_flow")).toBe("air flow");
  expect(none.kindName("other")).toBe("");
  expect(none.equipmentClass("pump")).toBeUndefined();
});

test.each([
  ["pumping station", "pump"],
  ["cooling water pump", "pump"],
  ["high_lift_pump", "pump"],
  ["Tunnel oven zone 2", "oven"],
  ["exhaust fan", "fan"],
  ["air-compressor", "compressor"],
  ["refrigerant dryer", "dryer"],
  ["cold store", "cold-store"],
  ["plate heat exchanger", "heat-exchanger"],
  ["divert_valve", "valve"],
  ["air receiver", "tank"],
])("%s is a %s", (text, id) => {
  expect(general.equipmentClass(text)?.id).toBe(id);
});

test.each([
  ["gravity thickener", "thickener"],
  ["aeration tank", "aeration-tank"],
  ["MBR train A", "membrane"],
  ["UF skid", "membrane"],
  ["tank", "tank"],
])("water: %s is a %s", (text, id) => {
  expect(water.equipmentClass(text)?.id).toBe(id);
});

test("a word that means nothing is no class", () => {
  for (const text of ["", "fantail", "department"]) {
    expect(general.equipmentClass(text)).toBeUndefined();
  }
});
