/** `weir-sim export`: the past alone, as Parquet. */
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { createPlant, defaultStartMs } from "../create-plant.ts";
import { SimFault } from "../faults.ts";
import { writeHistory } from "../history/history-file.hyparquet-writer.ts";
import { recordHistory } from "../history/record-history.ts";
import { plantById } from "../plants/plants.ts";
import { loadScenario } from "../scenarios/read-scenario.ts";
import { writing } from "./file-fault.ts";
import { plantOptions } from "./plant-options.ts";

export const exportHistory = command({
  about: "Writes the history of a plant as minutes.parquet and hours.parquet.",
  options: {
    ...plantOptions,
    until: {
      flag: "--until",
      type: "string",
      default: new Date(defaultStartMs).toISOString(),
      value: "TIME",
      doc: "End of the history, ISO 8601.",
    },
    out: {
      flag: "--out",
      type: "string",
      default: "history",
      value: "DIR",
      doc: "Folder for the two files.",
    },
    json: commonOptions.json,
  },
  examples: ["weir-sim export --days 28 --seed 42 --out history"],
  run: async (args, io) => {
    const untilMs = Date.parse(args.until);
    if (Number.isNaN(untilMs)) {
      const expected = "an ISO 8601 time such as 2026-06-02T05:00:00Z";
      throw new SimFault("SIM_OPTION", { option: "--until", value: args.until, expected });
    }
    const definition = plantById(args.plant);
    const scenario = loadScenario(definition, args.scenario);
    const reporter = createReporter({ json: args.json, out: io.out });
    const plant = createPlant({
      plant: definition,
      seed: args.seed,
      scenario,
      profile: (args.profile as "tidy" | "realistic" | undefined) ?? scenario.profile,
      startMs: Math.floor(untilMs / 1000) * 1000,
      historyDays: args.days,
    });
    let shown = -1;
    const history = await recordHistory(plant, {
      fineDays: Math.min(args.days, args.fineDays),
      onProgress: (done) => {
        const tenth = Math.floor(done * 10) / 10;
        if (tenth <= shown) return;
        shown = tenth;
        reporter.event("history", { done: tenth });
      },
    });
    const files = await writing(args.out, () => writeHistory(args.out, history));
    const rows = [history.minutes.tag.length, history.hours.tag.length];
    reporter.event(
      "history-written",
      { files, rows },
      files.map((file, i) => `${file}  ${rows[i]} rows`).join("\n"),
    );
    return 0;
  },
});
