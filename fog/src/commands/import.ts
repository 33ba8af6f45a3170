/** weir-fog import FILE…: the site's own past as Parquet, so that models can be trained on the first day. */
import { join } from "node:path";
import { command } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { dayFolder } from "../historian/day-folder.node.ts";
import { Historian } from "../historian/historian.ts";
import { importParquet } from "../historian/parquet-import.hyparquet.ts";
import { SiteTags } from "../historian/site-tags.ts";
import { copyTags, historyFolder, openJournal } from "../open-journal.ts";
import { dataDirOf } from "./fog-options.ts";

export const importHistory = command({
  about:
    "Takes in history as Parquet (minutes.parquet, hours.parquet). The fog must not be running.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  positionals: { name: "FILE…", doc: "Parquet files to take in.", min: 1, max: 1_000 },
  examples: ["weir-fog import history/minutes.parquet history/hours.parquet"],
  async run(args, io) {
    const dataDir = openDataDir(dataDirOf(args.dataDir));
    const reporter = createReporter({ json: args.json, out: io.out });
    const clock = systemClock();
    const { journal, findings } = openJournal({
      ...{ dataDir: dataDir.path, synchronous: "FULL", nowMs: clock.nowMs() },
    });
    for (const { text } of findings) io.err(text);
    const tags = new SiteTags(journal, undefined, () => copyTags(dataDir.path, journal));
    const historian = new Historian({
      journal,
      folder: dayFolder(join(dataDir.path, historyFolder)),
      tags,
      clock,
      ioClock: clock,
      logger: silentLogger,
      patienceMs: 0,
      latenessMs: 0,
      retention: { ageMaxMs: Number.MAX_SAFE_INTEGER, bytesMax: Number.MAX_SAFE_INTEGER },
      onSealed: () => {},
      onUnreadable: () => {},
      onDamaged: (day, { movedTo, why }) =>
        io.err(`the history of ${day} was damaged (${why}); it lies in ${movedTo} now`),
    });
    try {
      for (const file of args.positionals) {
        const done = await importParquet(file, { historian, tags });
        reporter.event(
          "imported",
          { file, ...done },
          `${file}: ${done.rows} rows of ${done.tags} tags became ${done.buckets} ${done.width}s; ${done.added} were new`,
        );
      }
    } finally {
      historian.close();
      journal.close();
      dataDir.close();
    }
    return 0;
  },
});
