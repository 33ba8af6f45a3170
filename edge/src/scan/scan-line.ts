/** What a device prints by itself, at the baud rate at which it is text. */
import { guessLines, type LineGuess } from "./guess-lines.ts";
import { durationText, type Scan, type ScanResult, type Way, waysOf } from "./scan.ts";
import { listen } from "./sniff-line.ts";

/** Share of printable bytes from which on it is text: less is another baud rate. */
const textFrom = 0.95;
const shownMax = 5;

export async function scanLine(scan: Scan): Promise<ScanResult> {
  const { settings, report } = scan;
  const ways = waysOf(scan);
  const allMs = ways.length * settings.listenMs;
  report({ event: "plan", settings: ways.length, takesMs: allMs }, [
    `listens in ${ways.length} settings of the line: ${durationText(allMs)} at most`,
  ]);
  let heardBytes = 0;
  for (const way of ways) {
    const heard = await listen(settings.listenMs, { ...scan, open: way.open });
    if (!heard.ok) return heard;
    heardBytes += heard.bytes.length;
    const guess = guessLines(heard.bytes);
    const isText = guess.printable >= textFrom && guess.lines.length > 0;
    report(
      { event: "progress", at: way.text, bytes: heard.bytes.length, printable: guess.printable },
      [`${way.text}  ${heardText(heard.bytes.length, guess)}`],
    );
    if (!isText) continue;
    report({ event: "line", at: way.text, connection: way.keys, ...guess }, lineLines(way, guess));
    return { ok: true, count: 1, advice: "" };
  }
  const advice =
    heardBytes > 0
      ? "the line is not quiet, but nothing on it is text; try other --baud rates and --parity, or listen for longer with --seconds"
      : "nothing was heard: the device may print when asked only (poll), or its wires RX and TX are swapped";
  return { ok: true, count: 0, advice };
}

const heardText = (size: number, { printable, lines }: LineGuess): string =>
  size === 0
    ? "silent"
    : `${size} bytes, ${Math.round(printable * 100)} % of them text, ${lines.length} whole lines`;

function lineLines(way: Way, { lines, delimiter, checksum, layouts }: LineGuess): string[] {
  const devices = layouts.map(({ keys, fields }) => {
    const tags = fields.map((field, i) => `V${i + 1}: {read: field ${field}}`);
    return `  device {connection: …, ${keys}, tags: {${tags.join(", ")}}}`;
  });
  return [
    ...lines.slice(0, shownMax).map((line) => `  ${printableText(line)}`),
    `  connection {type: line, ${way.keys}, delimiter: ${JSON.stringify(delimiter)}${checksum === "none" ? "" : `, checksum: ${checksum}`}}`,
    ...(devices.length > 0 ? devices : ["  its values are found by a match of your own"]),
  ];
}

const printableText = (line: string): string =>
  [...line].map((c) => (c >= " " && c <= "~" ? c : "·")).join("");
