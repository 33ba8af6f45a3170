import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileKernel } from "./compile-kernel.assemblyscript.ts";
import { kernelRuns, kernelUrl } from "./kernel.ts";

test.each(["simd", "relaxed"] as const)(
  "the %s kernel that is checked in is what its source compiles to",
  async (variant) => {
    const fresh = await compileKernel(variant);
    expect(
      Buffer.from(fresh).equals(readFileSync(kernelUrl(variant))),
      "cloud/assembly has changed: run `npm run generate -w cloud`",
    ).toBe(true);
    expect(kernelRuns(variant)).toBe(true);
  },
);
