/** `weir-edge replay`: what a configuration would have made of recorded readings. */
import { elementAt } from "@weir/contracts/elements.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { command } from "@weir/runtime/command.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { readRecording } from "../replay/recording.ts";
import { type Replayed, replay as replayRecording } from "../replay/replay.ts";
import { configDefault } from "./places.ts";

/** Notes of one kind that are shown. */
const notesMax = 5;

export const replay = command({
  about:
    "Runs recorded readings through safety and detection: what would have tripped or been told.",
  options: {
    config: {
      flag: "--config",
      type: "string",
      default: configDefault,
      value: "FILE",
      doc: "Configuration of the edge.",
    },
    against: {
      flag: "--against",
      type: "string",
      default: undefined,
      value: "FILE",
      doc: "A second configuration; figures of the two stand side by side.",
    },
    events: {
      flag: "--events",
      type: "boolean",
      default: false,
      doc: "Show each trip and alert, not only how many.",
    },
    json: { flag: "--json", type: "boolean", default: false, doc: "One JSON object a line." },
  },
  positionals: {
    name: "FILE",
    doc: "Readings as CSV: time,tag,value[,quality] with a head line, in any order of rows.",
    min: 1,
    max: 1,
  },
  examples: ["weir-edge replay week.csv --config edge.yaml --against edge-new.yaml"],
  run: async (args, io) => {
    const results: Named[] = [];
    for (const file of [args.config, args.against]) {
      if (file === undefined) continue;
      const loaded = loadConfiguration(file, { approval: "ignored" });
      if (!loaded.ok) {
        io.err(formatProblems(loaded.problems));
        return 1;
      }
      const recording = await readRecording(elementAt(args.positionals, 0), loaded.configuration);
      if (recording.count === 0) {
        io.err(
          `${args.positionals[0]}: no reading of a tag of ${file}; it has tags as ${[...recording.unknown.keys()].slice(0, 3).join(", ") || "none"}`,
        );
        return 1;
      }
      results.push({
        file,
        zone: loaded.configuration.site.tz,
        ...replayRecording(loaded.configuration, recording),
        unknown: recording.unknown.size,
      });
    }
    const lines = args.json ? results.flatMap(jsonLines) : textLines(results, args.events);
    for (const line of lines) io.out(line);
    return 0;
  },
});

/** `zone`: IANA zone of the site, whose clock its people read. */
type Named = Replayed & { file: string; zone: string; unknown: number };

function jsonLines({ trips, alerts, sparse, unseen, zone: _, ...summary }: Named): string[] {
  const { file: configuration } = summary;
  return [
    ...trips.map((trip) => JSON.stringify({ event: "trip", configuration, ...trip })),
    ...alerts.map((alert) => JSON.stringify({ event: "alarm", configuration, ...alert })),
    JSON.stringify({
      event: "replayed",
      ...summary,
      trips: Object.fromEntries(countsOf(trips.map(({ rule }) => rule))),
      alerts: Object.fromEntries(countsOf(alerts.map(alertName))),
      sparse: sparse.length,
      unseen: unseen.length,
    }),
  ];
}

export function textLines(results: readonly Named[], withEvents: boolean): string[] {
  const first = elementAt(results, 0);
  const { zone } = first;
  const span = formatDuration(Math.round((first.toMs - first.fromMs) / 1_000) * 1_000);
  return [
    `${first.readings} readings from ${timeText(first.fromMs, zone)} to ${timeText(first.toMs, zone)} ${zone} (${span})`,
    ...notes(first),
    "",
    ...counts("trips", results, ({ trips }) => trips.map(({ rule }) => rule)),
    ...counts("alerts", results, ({ alerts }) => alerts.map(alertName)),
    ...(withEvents ? results.flatMap(eventLines) : []),
  ];
}

function notes({ sparse, unseen, unknown }: Named): string[] {
  const some = (names: readonly string[]) =>
    names.slice(0, notesMax).join(", ") + (names.length > notesMax ? `, … (${names.length})` : "");
  const thin = sparse.map(
    ({ tag, everyMs, configuredMs }) =>
      `${tag} (${formatDuration(everyMs)} for ${formatDuration(configuredMs)})`,
  );
  return [
    ...(thin.length > 0
      ? [
          `  recorded more seldom than configured; rules that count readings act later here than on the plant: ${some(thin)}`,
        ]
      : []),
    ...(unseen.length > 0 ? [`  watched by rules and not recorded: ${some(unseen)}`] : []),
    ...(unknown > 0 ? [`  ${unknown} recorded tags are not in the configuration`] : []),
  ];
}

function counts(
  what: string,
  results: readonly Named[],
  namesOf: (of: Named) => string[],
): string[] {
  const tables = results.map((result) => countsOf(namesOf(result)));
  const names = [...new Set(tables.flatMap((table) => [...table.keys()]))].sort();
  const totals = tables.map((table) => [...table.values()].reduce((sum, n) => sum + n, 0));
  const head = results.length > 1 ? `${what}: ${totals.join(" → ")}` : `${what}: ${totals[0]}`;
  const width = Math.max(0, ...names.map((name) => name.length));
  const rows = names.map((name) => {
    const figures = tables.map((table) => table.get(name) ?? 0);
    const isOther = figures.some((n) => n !== figures[0]);
    return `${isOther ? "*" : " "} ${name.padEnd(width)}  ${figures.join(" → ")}`;
  });
  return [head, ...rows];
}

function eventLines({ file, zone, trips, alerts }: Named): string[] {
  const lines = [
    ...trips.map(({ atMs, rule, cause }) => ({ atMs, text: `TRIP ${rule}: ${cause}` })),
    ...alerts.map(({ atMs, tag, text }) => ({ atMs, text: `${tag}: ${text}` })),
  ].sort((a, b) => a.atMs - b.atMs);
  return ["", file, ...lines.map(({ atMs, text }) => `  ${timeText(atMs, zone)}  ${text}`)];
}

const alertName = ({ tag, rule }: { tag: string; rule: string }): string => `${tag} ${rule}`;

function countsOf(names: readonly string[]): Map<string, number> {
  const table = new Map<string, number>();
  for (const name of names) table.set(name, (table.get(name) ?? 0) + 1);
  return table;
}

/** "2026-06-02 07:00:03" by the clock of the site. */
const timeText = (atMs: number, zone: string): string =>
  new Date(siteTimeOf(zone).localMs(atMs)).toISOString().slice(0, 19).replace("T", " ");
