/** Compiles cloud/assembly to the kernel's bytes, reproducibly. Only for `generate` and its test. */
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";
import type { KernelVariant } from "./kernel.ts";

export async function compileKernel(variant: KernelVariant): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const relaxed = variant === "relaxed" ? ["--enable", "relaxed-simd"] : [];
  const { error, stderr } = await main(
    [
      "autoencoder.ts",
      "--baseDir",
      fileURLToPath(new URL("../../../assembly/", import.meta.url)),
      "-O3",
      "--noAssert",
      ...["--runtime", "stub", "--enable", "simd", ...relaxed],
      // Functions that take vectors are only called from inside the module.
      ...["--disableWarning", "112"],
      ...["--outFile", "kernel.wasm"],
    ],
    {
      writeFile: (_name: string, contents: string | Uint8Array) => {
        if (typeof contents !== "string") bytes = contents;
      },
    },
  );
  assert(
    error === null && bytes !== undefined,
    `the kernel does not compile: ${stderr.toString()}`,
  );
  return bytes;
}
