import { expect, test } from "vitest";
import { readRoute } from "./route.ts";

test("the page and its state are read from the address", () => {
  const { parts, query } = readRoute("#/stage/TANK%201?tags=a%2FTANK1%2FPT01&range=6h");
  expect(parts).toEqual(["stage", "TANK 1"]);
  expect(query.get("tags")).toBe("a/TANK1/PT01");
  expect(readRoute("").parts).toEqual([]);
});

test("an address that is cut in the middle is still an address", () => {
  expect(readRoute("#/stage/TANK%2").parts).toEqual(["stage", "TANK%2"]);
});
