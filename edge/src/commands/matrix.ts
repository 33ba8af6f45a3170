/** `weir-edge matrix`: the cause-and-effect table as CSV. */

import { writeFileSync } from "node:fs";
import { elementAt } from "@weir/contracts/elements.ts";
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { matrixLines } from "./matrix-lines.ts";

export const matrix = command({
  about: "Prints the cause-and-effect matrix as CSV: a row a cause, a column an output.",
  options: {
    out: {
      flag: "--out",
      type: "string",
      default: undefined,
      value: "FILE",
      doc: "Write it there instead of printing it.",
    },
  },
  positionals: { name: "FILE", doc: "Configuration of the edge.", min: 1, max: 1 },
  examples: ["weir-edge matrix edge.yaml > matrix.csv"],
  run: async ({ out, positionals }, io) => {
    const loaded = loadConfiguration(elementAt(positionals, 0), { approval: "ignored" });
    if (!loaded.ok) {
      io.err(formatProblems(loaded.problems));
      return 1;
    }
    const lines = matrixLines(loaded.configuration);
    if (out === undefined) for (const line of lines) io.out(line);
    else return write(out, lines, io);
    return 0;
  },
});

function write(file: string, lines: readonly string[], io: Pick<ProgramIo, "err">): number {
  try {
    writeFileSync(file, `${lines.join("\n")}\n`);
    return 0;
  } catch (error) {
    io.err(`${file} cannot be written: ${(error as Error).message}`);
    return 1;
  }
}
