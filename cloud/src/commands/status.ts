/** `weir-cloud status`: asks the running process. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { Fault } from "@weir/runtime/fault.ts";
import "../faults.ts";
import { addressFile } from "./address-file.ts";
import { dataDirDefault } from "./settings-of.ts";

/** Longest wait for an answer, milliseconds. */
const answerMsMax = 5_000;

export const status = command({
  about: "Shows what the running cloud is doing.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  async run(args, io) {
    const dataDir = resolve(args.dataDir ?? dataDirDefault);
    const answer = await ask(dataDir);
    if (args.json) io.out(JSON.stringify(answer));
    else
      for (const [key, value] of Object.entries(answer))
        io.out(`${key.padEnd(14)} ${plain(value)}`);
    return 0;
  },
});

async function ask(dataDir: string): Promise<Record<string, unknown>> {
  try {
    const address = JSON.parse(readFileSync(join(dataDir, addressFile), "utf8")) as {
      console: string;
    };
    const response = await fetch(`${address.console}/healthz`, {
      signal: AbortSignal.timeout(answerMsMax),
    });
    return (await response.json()) as Record<string, unknown>;
  } catch (error) {
    throw new Fault(
      "CLOUD_NOT_RUNNING",
      { dataDir, why: (error as Error).message },
      { cause: error },
    );
  }
}

const plain = (value: unknown) =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
