/** `weir-cloud train`: trains one model now, in this process, and publishes it when it passes. */
import { elementAt } from "@weir/contracts/elements.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import type { TrainingKind } from "../trainer/training-book.ts";
import { clocksOf, dataDirDefault, loggerOf, settingsOf, trainingOf } from "./settings-of.ts";

export const train = command({
  about:
    "Trains one model from the history while the cloud is stopped (a running one trains from its console).",
  options: {
    ...commonOptions,
    site: {
      flag: "--site",
      type: "string",
      default: undefined,
      value: "SITE",
      doc: "Whose history; may be left out when there is one site only.",
    },
    kind: {
      flag: "--kind",
      type: "string",
      default: "autoencoder",
      choices: ["autoencoder", "forest", "thresholds"],
      value: "KIND",
      doc: "What is trained.",
    },
  },
  positionals: { name: "STAGE", doc: "A stage id, or an edge id for thresholds.", min: 1, max: 1 },
  examples: ["weir-cloud train TANK1 --site my-site"],
  async run(args, io) {
    const settings = settingsOf(args.config, io);
    if (!settings) return 1;
    // DuckDB and onnxruntime are loaded by the commands that need them: the others answer at once.
    const { createCloud } = await import("../cloud.ts");
    const { inlineRunner } = await import("../trainer/runner.inline.ts");
    const clocks = clocksOf(args.clock);
    const dataDir = openDataDir(args.dataDir ?? dataDirDefault);
    const cloud = await createCloud({
      dataDir: dataDir.path,
      ...{ plant: clocks.plant, io: clocks.io, logger: loggerOf(args, { clocks, io }) },
      training: { ...trainingOf(settings), automatic: false },
      runner: inlineRunner,
    });
    try {
      const site = args.site ?? cloud.historian.tags.sites()[0] ?? "";
      cloud.trainer.start();
      const stage = elementAt(args.positionals, 0);
      const { id } = cloud.trainer.queue({ site, stage, kind: args.kind as TrainingKind });
      await cloud.settled({ training: true });
      const run = cloud.trainings.list().find((one) => one.id === id);
      io.out(args.json ? JSON.stringify({ event: "training", ...run }) : words(run));
      return run?.state === "done" ? 0 : 1;
    } finally {
      await cloud.close();
      dataDir.close();
    }
  },
});

function words(
  run: { state: string; model: string | null; trainedOn: string; error: string | null } | undefined,
): string {
  if (run?.state !== "done") return `training failed: ${run?.error ?? "no run"}`;
  return `${run.model}: ${run.trainedOn}${run.error === null ? "" : `\n${run.error}`}`;
}
