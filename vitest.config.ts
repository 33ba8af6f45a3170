import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { sized } from "./shared/testing/src/test-size.ts";

const fastCheck = join(import.meta.dirname, "shared/testing/src/configured-fast-check.ts");

export default defineConfig({
  plugins: [
    {
      name: "one seed for all properties",
      enforce: "pre",
      resolveId: (source, importer) =>
        source === "fast-check" && importer !== fastCheck ? fastCheck : undefined,
    },
  ],
  test: {
    include: ["**/{src,test}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.weir/**"],
    pool: "forks",
    // Real processes, sockets and training share two cores in CI: a deadline here is a hang detector, not a timing.
    testTimeout: sized(120_000, 4 * 3_600_000),
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
