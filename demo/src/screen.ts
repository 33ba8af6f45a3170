/** What the demo prints: a line for each thing that starts and happens, or JSON objects. */
import type { PartEvent } from "./part.ts";

export interface Screen {
  /** A step that took `ms`. */
  done(text: string, ms: number): void;
  note(text: string): void;
  /** Something that happened in a part. */
  happened(part: string, event: PartEvent): void;
  error(text: string): void;
  addresses(links: readonly { what: string; url: string }[]): void;
}

/** Events worth a line at a terminal, with the tier that speaks; everything goes out with --json. */
const marks: Record<string, string> = { story: "·", ticket: "✎", model: "◆", error: "✖" };
const colours: Record<string, number> = { story: 36, ticket: 33, model: 36, error: 31 };

export function createScreen(options: {
  json: boolean;
  colour: boolean;
  write: (text: string) => void;
  /** The plant's time zone. */
  zone: string;
  /** The plant's calendar, for events that carry no time of their own. */
  plantNowMs: () => number;
}): Screen {
  const { json, write } = options;
  const wall = new Intl.DateTimeFormat("en-GB", {
    timeZone: options.zone,
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  /** "06-02 07:15" where the plant stands. */
  const wallText = (ms: number): string => {
    const at = new Map(wall.formatToParts(ms).map(({ type, value }) => [type, value]));
    return `${at.get("month")}-${at.get("day")} ${at.get("hour")}:${at.get("minute")}`;
  };
  const paint = (code: number, text: string) =>
    options.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const line = (object: Record<string, unknown>, text: string) =>
    write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
  return {
    done: (text, ms) =>
      line(
        { event: "started", text, ms: Math.round(ms) },
        `${paint(32, "✔")} ${text.padEnd(62)} ${(ms / 1000).toFixed(1).padStart(5)} s`,
      ),
    note: (text) => line({ event: "note", text }, text),
    error: (text) => line({ event: "error", text }, paint(31, `✖ ${text}`)),
    addresses: (links) => {
      if (json) {
        for (const link of links) line({ event: "address", ...link }, "");
        return;
      }
      write("\n");
      for (const { what, url } of links) write(`  ${what.padEnd(15)} ${paint(1, url)}\n`);
      write(`\n  Each link signs you in once. Ctrl-C stops everything.\n\n`);
    },
    happened: (part, event) => {
      if (json) {
        write(`${JSON.stringify({ part, ...event })}\n`);
        return;
      }
      const mark = marks[event.event];
      if (mark === undefined || event.text === undefined) return;
      const plantMs = typeof event["atMs"] === "number" ? event["atMs"] : options.plantNowMs();
      const at = wallText(plantMs);
      const speaker = typeof event["tier"] === "string" ? event["tier"] : part;
      const about = event.event === "story" ? event["stage"] : undefined;
      const stage = typeof about === "string" && about !== "" ? `${about} ` : "";
      const tripped = event.event === "story" && event.text.includes(" trips ");
      write(
        `${paint(2, at)} ${paint(tripped ? 31 : (colours[event.event] ?? 36), tripped ? "■" : mark)} ${paint(2, speaker.padEnd(6))} ${stage}${event.text}\n`,
      );
    },
  };
}
