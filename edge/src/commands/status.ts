/** `weir-edge status`: asks the running agent. */
import { labelOf } from "@weir/contracts/enum-labels.ts";
import { command } from "@weir/runtime/command.ts";
import type { OutputState, Problem } from "../hand-over.ts";
import { backupText } from "../status/backup-text.ts";
import { verdictOf } from "../status/health.ts";
import type { NewestValue } from "../status/newest-values.ts";
import { isNeverOrdered, outputWords } from "../status/output-words.ts";
import { type PlantTime, plantTimeOf } from "../status/plant-time.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { agentOptions, runningAgent } from "./running-agent.ts";

export const status = command({
  about:
    "Asks the running agent how it is, or what it reads; exit code 0 when all is well, 1 when not.",
  options: {
    ...agentOptions,
    values: {
      flag: "--values",
      type: "boolean",
      default: false,
      doc: "The newest reading of each tag instead.",
    },
  },
  examples: ["weir-edge status --data-dir /var/lib/weir-edge --json", "weir-edge status --values"],
  run: async (args, io) => {
    const agent = runningAgent(args, io.env);
    const answer = await agent.get<UplinkSnapshot>("/status.json");
    if (args.values) {
      const newest = await agent.get<NewestValue[]>("/values.json");
      const time = plantTimeOf(answer.zone);
      for (const one of newest) {
        io.out(args.json ? JSON.stringify({ event: "value", ...one }) : valueLine(one, time));
      }
      return newest.every(({ quality }) => quality === "good") ? 0 : 1;
    }
    io.out(args.json ? JSON.stringify({ event: "status", ...answer }) : textOf(answer));
    return answer.health.ok ? 0 : 1;
  },
});

function valueLine(newest: NewestValue, time: PlantTime): string {
  const { tag, value, unit, quality, why, sinceMs } = newest;
  const shown = `  ${tag.padEnd(24)} ${value === null ? "" : `${value} ${unit}`}`;
  if (quality === "good") return shown.trimEnd();
  const since = sinceMs === 0 ? "" : ` (since ${time.at(sinceMs)})`;
  return `${shown}  ${quality}${why === "" || why === quality ? "" : `: ${why}`}${since}`;
}

export function textOf(answer: UplinkSnapshot): string {
  const { ledger, link, control, outbox, health, atMs } = answer;
  const { acquired, delivered, thinned, dropped, pending } = ledger;
  const time = plantTimeOf(answer.zone);
  const fog = link.state === "live" ? `connected to ${link.url}` : (link.trouble ?? link.state);
  const line = (sign: string, { text, sinceMs }: Problem) =>
    `${sign} ${text} (${time.since(sinceMs, atMs)})`;
  const of = (severity: Problem["severity"]) =>
    [...health.problems, ...health.warnings].filter((problem) => problem.severity === severity);
  return [
    ...of("critical").map((problem) => line("!!", problem)),
    `${answer.edge} of ${answer.site}, boot ${answer.epoch}, ${answer.tagCount} tags`,
    `  ${verdictOf(health)}`,
    ...of("problem").map((problem) => line("  !", problem)),
    ...of("warning").map((problem) => line("  ~", problem)),
    `  fog       ${fog}`,
    `  readings  ${acquired} acquired = ${delivered} delivered + ${thinned} thinned + ${dropped} dropped + ${pending} pending`,
    `  outbox    ${(outbox.bytes / 1024).toFixed(0)} KiB of ${(outbox.quotaBytes / 1024 / 1024).toFixed(0)} MiB`,
    `  trips     ${control?.latchedTrips.join(", ") || "none"}`,
    `  bypassed  ${control?.bypassedRules.join(", ") || "none"}`,
    `  quiet     ${control?.suppressedRules.map(({ rule, by }) => `${rule} (by ${by.join(", ")})`).join(", ") || "none"}`,
    ...(control?.outputs ?? [])
      .filter((output) => !isNeverOrdered(output))
      .map((one) => outputLine(one, time)),
    `  backup    ${backupText(answer.lastBackup, time)}`,
    `  config    ${answer.configSha256.slice(0, 12)} ${control?.configuration?.state ?? ""}`.trimEnd(),
    ...(control?.buses ?? []).map((bus) => busLine(bus)),
  ].join("\n");
}

function outputLine(one: OutputState, time: PlantTime): string {
  const { output, state, outcome, detail, held, rule, sinceMs } = one;
  const how = detail === "" ? "" : `: ${detail}`;
  const hold = held ? `, held by ${rule}` : "";
  return `  output    ${output} ${state} ${labelOf(outputWords, outcome)}${how}${hold}, since ${time.at(sinceMs)}`;
}

/** Share of time from which on a bus that is busier than planned by this factor is told. */
const slowShareMin = 0.2;
const slowFactor = 3;

type Bus = NonNullable<UplinkSnapshot["control"]>["buses"][number];

function busLine(bus: Bus): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const how = bus.text === "" ? "" : `: ${bus.text}`;
  const silence = bus.text === "" ? "connected" : "silent";
  const state = `${bus.connected ? silence : `not connected${how === "" ? " yet" : ""}`}${how}`;
  const { skippedPolls, stalledPolls } = bus;
  const full = skippedPolls > 0 ? `, ${skippedPolls} polls left out: the bus had no time` : "";
  const stalled =
    stalledPolls > 0 ? `, ${stalledPolls} polls left out: the agent was not let run` : "";
  return `  ${bus.id.padEnd(9)} ${state}, busy ${percent(bus.utilisation)}, ${percent(bus.budget)} planned${slowerText(bus)}${full}${stalled}`;
}

/** What the plan knows of an answer's time is `roundTrip`; a device may need far more. */
function slowerText({ utilisation, budget, roundTripMsP99 }: Bus): string {
  if (utilisation < slowShareMin || utilisation < slowFactor * budget) return "";
  return ` (answers take up to ${Math.round(roundTripMsP99)} ms, more than \`roundTrip\` says)`;
}
