import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { benches } from "./registry.ts";

test("every benchmark is registered once", () => {
  const names = benches.map((bench) => bench.name);
  expect(new Set(names).size).toBe(names.length);
  const files = ["./speed/", "./accuracy/"]
    .flatMap((folder) => readdirSync(new URL(folder, import.meta.url)))
    .filter((file) => /^[a-z]+\.ts$/.test(file));
  expect(names.map((name) => `${name}.ts`).sort()).toEqual(files.sort());
});

describe("benchmarks run from end to end", () => {
  for (const bench of benches) {
    test(bench.name, async () => {
      const tables: string[] = [];
      await bench.run({
        smoke: true,
        dataDir: resolve(
          process.env["WEIR_DATA"] ?? join(import.meta.dirname, "../../../shared/data"),
        ),
        report: { line: () => {}, table: (title) => tables.push(title) },
      });
      expect(tables.length).toBeGreaterThan(0);
    });
  }
});
