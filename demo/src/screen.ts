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

/** Events worth a line at a terminal; everything goes out with --json. */
const worthALine: Record<string, string> = {
  trip: "■",
  alarm: "▲",
  incident: "▲",
  ticket: "✎",
  model: "◆",
  artifact: "◆",
  training: "◇",
  story: "·",
  reset: "↺",
  error: "✖",
};

export function createScreen(options: {
  json: boolean;
  colour: boolean;
  write: (text: string) => void;
}): Screen {
  const { json, write } = options;
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
      const mark = worthALine[event.event];
      if (mark === undefined || event.text === undefined) return;
      const at =
        typeof event["atMs"] === "number"
          ? new Date(event["atMs"]).toISOString().slice(5, 16).replace("T", " ")
          : "";
      const colour =
        event.event === "trip" || event.event === "error"
          ? 31
          : event.event === "ticket" || event.event === "incident"
            ? 33
            : 36;
      write(
        `${paint(2, at.padEnd(11))} ${paint(colour, mark)} ${paint(2, part.padEnd(6))} ${event.text}\n`,
      );
    },
  };
}
