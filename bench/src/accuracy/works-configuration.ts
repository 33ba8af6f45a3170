/** The edges' configurations of the simulated works, as `weir-sim configure` writes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { writeConfiguration } from "@weir/firmware-sim/configuration/write-configuration.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { BenchFault } from "../faults.ts";

/** Fresh at each call, so that a caller may change rules. */
export function worksConfigurations(): Configuration[] {
  const outDir = mkdtempSync(join(tmpdir(), "weir-bench-"));
  try {
    writeConfiguration({
      plant: waterWorks,
      outDir,
      host: "127.0.0.1",
      ports: new Map(waterWorks.gateways.map(({ id }, i) => [id, 1_502 + i])),
      uplinkUrl: "mqtts://fog:8883",
      identityDir: outDir,
    });
    return waterWorks.edges.map(({ id: edge }) => {
      const loaded = loadConfiguration(join(outDir, `${edge}.yaml`));
      if (loaded.ok) return loaded.configuration;
      throw new BenchFault("BENCH_CONFIGURATION", { problems: formatProblems(loaded.problems) });
    });
  } finally {
    rmSync(outDir, { recursive: true });
  }
}
