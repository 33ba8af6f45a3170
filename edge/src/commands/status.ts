/** `weir-edge status`: asks the running agent. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";
import type { Health } from "../status/health.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { dataDirDefault, statusUrlFile } from "./places.ts";

declareFaults({
  EDGE_NOT_RUNNING: {
    retry: true,
    text: (f: { dataDir: string; why: string }) =>
      `no edge is running on ${f.dataDir} (${f.why}); start one with "weir-edge run", or name its folder with --data-dir`,
  },
});

const answerWithinMs = 5_000;

export const status = command({
  about: "Asks the running agent how it is; exit code 0 when all is well, 1 when not.",
  options: {
    dataDir: commonOptions.dataDir,
    json: commonOptions.json,
    url: {
      flag: "--url",
      type: "string",
      default: undefined,
      value: "URL",
      doc: "Address of the status page, where it is not the one in the data folder.",
    },
  },
  examples: ["weir-edge status --data-dir /var/lib/weir-edge --json"],
  run: async (args, io) => {
    const dataDir = args.dataDir ?? dataDirDefault(io.env);
    const answer = await ask(args.url ?? urlOf(dataDir), dataDir);
    io.out(args.json ? JSON.stringify(answer) : textOf(answer));
    return answer.health.ok ? 0 : 1;
  },
});

type Answer = UplinkSnapshot & { health: Health };

function urlOf(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, statusUrlFile), "utf8").trim();
  } catch (error) {
    throw new Fault("EDGE_NOT_RUNNING", { dataDir, why: (error as Error).message });
  }
}

async function ask(url: string, dataDir: string): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const response = await fetch(new URL("/status.json", url), { signal });
    return (await response.json()) as Answer;
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Fault("EDGE_NOT_RUNNING", { dataDir, why: (cause as Error)?.message ?? message });
  }
}

export function textOf(answer: Answer): string {
  const { ledger, link, control, outbox, health } = answer;
  const { acquired, delivered, thinned, dropped, pending } = ledger;
  const fog = link.state === "live" ? `connected to ${link.url}` : (link.trouble ?? link.state);
  return [
    `${answer.edge} of ${answer.site}, boot ${answer.epoch}, ${answer.tagCount} tags`,
    health.ok ? "  all well" : health.problems.map((text) => `  ! ${text}`).join("\n"),
    `  fog       ${fog}`,
    `  readings  ${acquired} acquired = ${delivered} delivered + ${thinned} thinned + ${dropped} dropped + ${pending} pending`,
    `  outbox    ${(outbox.bytes / 1024).toFixed(0)} KiB of ${(outbox.quotaBytes / 1024 / 1024).toFixed(0)} MiB`,
    `  trips     ${control?.latchedTrips.join(", ") || "none"}`,
    `  bypassed  ${control?.bypassedRules.join(", ") || "none"}`,
  ].join("\n");
}
