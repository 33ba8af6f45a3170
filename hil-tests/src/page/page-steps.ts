/** A page of commands as what it is to its reader: do this, see that. */

/** A line that one sees; "…" stands for anything. `in`: in the terminal of that command, else in the last one's. */
export interface Seen {
  line: string;
  in: string | undefined;
}

export interface Step {
  /** The nearest heading above, without its signs. */
  heading: string;
  /** Empty: nothing is done, something has come elsewhere. */
  command: string;
  sees: Seen[];
}

const fencePattern =
  /^(?:#+ (?<heading>.*)|```(?<language>sh|text)(?: in (?<where>.*))?\n(?<body>[\s\S]*?)\n```)$/gm;

/** Blocks of `sh` in their order, each with the blocks of `text` that follow it. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  let heading = "";
  for (const { groups = {} } of markdown.matchAll(fencePattern)) {
    const { language, where, body = "" } = groups;
    if (groups["heading"] !== undefined) heading = groups["heading"];
    else if (language === "sh") steps.push({ heading, command: body, sees: [] });
    else {
      const lines = body.split("\n").map((line) => ({ line, in: where && `npx ${where}` }));
      if (where) steps.push({ heading, command: "", sees: lines });
      else steps.at(-1)?.sees.push(...lines);
    }
  }
  return steps;
}

/** True when `said` holds the line: from its start, "…" for anything, and at its end where that is a "…". */
export function isSaid(line: string, said: readonly string[]): boolean {
  const parts = line
    .split("…")
    .map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^\\s*${parts.join(".*")}\\s*$`);
  return said.some((one) => pattern.test(one));
}
