/** `weir-edge status`: asks the running agent. */
import { command } from "@weir/runtime/command.ts";
import type { Health } from "../status/health.ts";
import type { NewestValue } from "../status/newest-values.ts";
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
    if (args.values) {
      const newest = await agent.get<NewestValue[]>("/values.json");
      for (const one of newest) {
        io.out(args.json ? JSON.stringify({ event: "value", ...one }) : valueLine(one));
      }
      return newest.every(({ quality }) => quality === "good") ? 0 : 1;
    }
    const answer = await agent.get<Answer>("/status.json");
    io.out(args.json ? JSON.stringify({ event: "status", ...answer }) : textOf(answer));
    return answer.health.ok ? 0 : 1;
  },
});

const valueLine = ({ tag, value, unit, quality }: NewestValue): string =>
  `  ${tag.padEnd(24)} ${value === null ? "" : `${value} ${unit}`}${quality === "good" ? "" : `  ${quality}`}`.trimEnd();

type Answer = UplinkSnapshot & { health: Health };

export function textOf(answer: Answer): string {
  const { ledger, link, control, outbox, health } = answer;
  const { acquired, delivered, thinned, dropped, pending } = ledger;
  const fog = link.state === "live" ? `connected to ${link.url}` : (link.trouble ?? link.state);
  return [
    `${answer.edge} of ${answer.site}, boot ${answer.epoch}, ${answer.tagCount} tags`,
    health.ok ? "  all well" : health.problems.map((text) => `  ! ${text}`).join("\n"),
    ...health.warnings.map((text) => `  ~ ${text}`),
    `  fog       ${fog}`,
    `  readings  ${acquired} acquired = ${delivered} delivered + ${thinned} thinned + ${dropped} dropped + ${pending} pending`,
    `  outbox    ${(outbox.bytes / 1024).toFixed(0)} KiB of ${(outbox.quotaBytes / 1024 / 1024).toFixed(0)} MiB`,
    `  trips     ${control?.latchedTrips.join(", ") || "none"}`,
    `  bypassed  ${control?.bypassedRules.join(", ") || "none"}`,
    `  config    ${answer.configSha256.slice(0, 12)} ${control?.configuration?.state ?? ""}`.trimEnd(),
    ...(control?.buses ?? []).map((bus) => busLine(bus)),
  ].join("\n");
}

type Bus = NonNullable<UplinkSnapshot["control"]>["buses"][number];

function busLine(bus: Bus): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const state = bus.connected ? "connected" : "not connected";
  const skipped = bus.skippedPolls > 0 ? `, ${bus.skippedPolls} polls skipped` : "";
  return `  ${bus.id.padEnd(9)} ${state}, busy ${percent(bus.utilisation)}, ${percent(bus.budget)} planned${skipped}`;
}
