/** `weir-cloud import FILE…`: takes Parquet exports into the history of a site. */

import { isId } from "@weir/contracts/topics.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { CloudFault } from "../faults.ts";
import { clocksOf, dataDirDefault, loggerOf, settingsOf, trainingOf } from "./settings-of.ts";

export const importHistory = command({
  about:
    "Imports history (Parquet: tag, at_ms, n, mean, min, max, sd, slope_per_s) while the cloud is stopped.",
  options: {
    ...commonOptions,
    site: {
      flag: "--site",
      type: "string",
      default: undefined,
      value: "SITE",
      doc: "Whose history it is.",
    },
  },
  positionals: { name: "FILE…", doc: "Parquet files, by hours or by minutes.", min: 1, max: 1_000 },
  examples: ["weir-cloud import hours.parquet minutes.parquet --site my-site"],
  async run(args, io) {
    const settings = settingsOf(args.config, io);
    if (!settings) return 1;
    // DuckDB and onnxruntime are loaded by the commands that need them: the others answer at once.
    const { createCloud } = await import("../cloud.ts");
    const site = args.site ?? "";
    if (!isId(site)) throw new CloudFault("CLOUD_SITE_ID", { site });
    const clocks = clocksOf(args.clock);
    const startedMs = clocks.io.monotonicMs();
    const dataDir = openDataDir(args.dataDir ?? dataDirDefault);
    const cloud = await createCloud({
      dataDir: dataDir.path,
      ...{ plant: clocks.plant, io: clocks.io, logger: loggerOf(args, { clocks, io }) },
      training: { ...trainingOf(settings), automatic: false },
    });
    try {
      const { rowCount, days } = await cloud.importFiles(site, args.positionals);
      const ms = Math.round(clocks.io.monotonicMs() - startedMs);
      const tags = cloud.historian.tags.count(site);
      io.out(
        args.json
          ? JSON.stringify({ event: "imported", site, rows: rowCount, days, tags, ms })
          : `imported ${rowCount} rows of ${tags} tags in ${days} day files (${ms} ms)`,
      );
      return 0;
    } finally {
      await cloud.close();
      dataDir.close();
    }
  },
});
