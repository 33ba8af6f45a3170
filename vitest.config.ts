import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/{src,test}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.weir/**"],
    pool: "forks",
    // Real processes, sockets and training share two cores in CI: a deadline here is a hang detector, not a timing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
