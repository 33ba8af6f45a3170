import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { sinks } from "./registry.ts";

test("every sink folder is registered, and nothing else is", () => {
  const entries = readdirSync(new URL("./", import.meta.url), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(Object.keys(sinks).sort()).toEqual(folders.sort());
});
