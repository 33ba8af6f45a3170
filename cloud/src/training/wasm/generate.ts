/** `npm run generate -w cloud`: compiles the training kernel and writes it beside this file. */
import { writeFileSync } from "node:fs";
import { compileKernel } from "./compile-kernel.assemblyscript.ts";
import { kernelUrl } from "./kernel.ts";

for (const variant of ["simd", "relaxed"] as const) {
  writeFileSync(kernelUrl(variant), await compileKernel(variant));
}
