import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "@weir/contracts/present.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

const folder = join(import.meta.dirname, "../../examples");
/** A safety document is read through the configuration that names it. */
const files = readdirSync(folder).filter((name) => /\.yaml$/.test(name) && name !== "safety.yaml");

describe("every example", () => {
  test.each(files)("%s can be taken as it is", (name) => {
    const loaded = loadConfiguration(join(folder, name), { approval: "ignored" });
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
    expect(loaded.ok && loaded.configuration.tags.length).toBeGreaterThan(0);
  });

  test("an unapproved safety document is all that keeps an agent from starting", () => {
    const loaded = loadConfiguration(join(folder, "voting.yaml"));
    expect(loaded.ok).toBe(false);
    for (const { text } of loaded.ok ? [] : loaded.problems)
      expect(text).toMatch(/key of who approves/);
  });

  test("every type of connection has one", () => {
    const types = files.flatMap((name) => {
      const loaded = loadConfiguration(join(folder, name), { approval: "ignored" });
      return loaded.ok ? loaded.configuration.connections.map(({ type }) => type) : [];
    });
    expect(new Set(types)).toEqual(
      new Set(["modbus-tcp", "modbus-rtu", "line", "sdi12", "frames", "mqtt"]),
    );
  });
});

const page = readFileSync(join(folder, "../../docs/edge/connections.md"), "utf8");
const snippets = [...page.matchAll(/```yaml\n(connections:[^`]*)```/g)].map(([, text]) =>
  present(text),
);

describe("every snippet of the page on connections", () => {
  test.each(snippets)("%#", (text) => {
    const file = join(tempDir(), "edge.yaml");
    writeFileSync(file, `version: 1\nsite: {id: mysite}\nedge: edge-1\n${text}`);
    const loaded = loadConfiguration(file);
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });
});
