/** site.yaml: what stands where, which packs describe it, and what the site adds to them. */

import { dirname } from "node:path";
import type { PlantPack } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { defaultZone } from "@weir/contracts/site-time.ts";
import { isId } from "@weir/contracts/topics.ts";
import { loadPacks } from "@weir/plants/load-packs.ts";
import { packContent } from "@weir/plants/pack-settings.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { Problem, SettingPath } from "@weir/runtime/problem.ts";
import { number, text, timeZone } from "@weir/runtime/setting-kinds.ts";
import { list, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import {
  isTable,
  readDraft,
  readSettings,
  type SettingsOf,
  type SettingsResult,
} from "@weir/runtime/settings.ts";
import { readYamlFile, type YamlSource } from "@weir/runtime/yaml-source.ts";

const id = (doc: string) => text({ doc, max: 64, pattern: /^[\w.-]+$/, like: '"TANK1"' });

/** The packs of a site that names none. */
const packsDefault = ["general"];

export const siteSettings = settings(
  {
    site: object(
      {
        id: text({
          doc: "The site's id.",
          pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
          like: '"my-site"',
        }),
        name: text({ doc: "The site's name." }),
        tz: timeZone({
          default: defaultZone,
          doc: "IANA time zone: the clock of every page, message and daily habit.",
        }),
      },
      { doc: "The site." },
    ),
    lines: list(
      object({ id: id("The line's id."), name: text({ doc: "Its name." }) }, { doc: "A line." }),
      { doc: "Process lines.", min: 1, max: 100, unique: "id" },
    ),
    stages: list(
      object(
        {
          id: id("The stage's id."),
          name: text({ doc: "Its name." }),
          line: id("The line it belongs to."),
          volumeM3: optional(number({ doc: "Volume, m³.", min: 0, max: 1e9 })),
          upstream: list(id("A stage's id."), { doc: "Stages that flow into it.", max: 50 }),
          equipment: text({ doc: "Class of its main equipment.", default: "" }),
        },
        { doc: "A stage." },
      ),
      { doc: "Stages in flow order.", min: 1, max: 2_000, unique: "id" },
    ),
    kpis: list(
      object(
        {
          id: id("The figure's id."),
          name: text({ doc: "Its name." }),
          unit: text({ doc: "Its unit.", default: "" }),
          tags: list(
            text({
              doc: 'A tag: "<edge>/<device>/<name>".',
              pattern: /^[^\s/]+\/[^\s/]+\/[^\s/]+$/,
              like: '"edge-1/TANK1/LT01"',
            }),
            {
              doc: "Averaged.",
              max: 100,
            },
          ),
          low: optional(number({ doc: "Lower bound.", min: -1e12, max: 1e12 })),
          high: optional(number({ doc: "Upper bound.", min: -1e12, max: 1e12 })),
        },
        {
          doc: "A figure.",
          rules: [
            [
              "low is above high; swap them, or leave one out",
              ({ low, high }) => low === undefined || high === undefined || low <= high,
              "low",
            ],
          ],
        },
      ),
      { doc: "At-a-glance figures.", max: 100, unique: "id" },
    ),
    packs: list(text({ doc: "A pack's name, or the path of its folder.", max: 1_000 }), {
      default: packsDefault,
      doc: "Plant packs that describe what is measured and what stands here; [] for none.",
      max: 20,
    }),
    ...packContent,
  },
  [["the site's id is reserved", ({ site }) => isId(site.id), "site"]],
);

/** Reads a site file and the packs it names; all problems at once. */
export function readSite(file: string): SettingsResult<SiteModel> {
  const source = readYamlFile(file);
  if (!source.ok) return source;
  const read = readSettings(source, siteSettings);
  const problems = [
    ...(read.ok ? [] : read.problems),
    ...referenceProblems(outlineOf(source.root), source),
  ];
  const loaded = loadPacks({
    names: packNames(source),
    named: { source, path: ["packs"] },
    folder: dirname(file),
    own: read.ok ? { source, content: contentOf(read.value) } : undefined,
  });
  if (!read.ok || !loaded.ok)
    return { ok: false, problems: [...problems, ...(loaded.ok ? [] : loaded.problems)] };
  if (problems.length > 0) return { ok: false, problems };
  const { site, lines, packs } = read.value;
  const stages = read.value.stages.map(({ volumeM3, ...stage }) => ({
    ...stage,
    ...(volumeM3 !== undefined && { volumeM3 }),
  }));
  const kpis = read.value.kpis.map(({ low, high, ...kpi }) => ({
    ...kpi,
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
  }));
  return {
    ok: true,
    value: withoutUndefined({ site, lines, stages, kpis, packs, pack: loaded.pack }),
  };
}

/** The packs that a file names, whatever else is wrong with it. */
const packNames = (source: YamlSource): (string | undefined)[] =>
  readDraft(source, siteSettings.children.packs, { path: ["packs"] }).draft;

const contentOf = (value: SettingsOf<typeof siteSettings>): PlantPack => {
  const { site, lines, stages, kpis, packs, ...content } = value;
  return content;
};

interface Outline {
  lines: { id: string }[];
  stages: { id: string; line: string; upstream: string[] }[];
  packs: string[];
}

/** What a file names, however faulty the rest of it is; "" for what is no text. */
function outlineOf(root: unknown): Outline {
  const table = (input: unknown) => (isTable(input) ? input : {});
  const listOf = (input: unknown): unknown[] => (Array.isArray(input) ? input : []);
  const textOf = (input: unknown) => (typeof input === "string" ? input : "");
  const { lines, stages, packs } = table(root);
  return {
    lines: listOf(lines).map((row) => ({ id: textOf(table(row)["id"]) })),
    stages: listOf(stages)
      .map(table)
      .map(({ id, line, upstream }) => ({
        id: textOf(id),
        line: textOf(line),
        upstream: listOf(upstream).map(textOf),
      })),
    packs: listOf(packs).map(textOf),
  };
}

/** Lines and stages that are named and not there, and packs that are named twice. */
function referenceProblems({ lines, stages, packs }: Outline, source: YamlSource): Problem[] {
  const problems: Problem[] = [];
  const lineIds = lines.map((line) => line.id);
  const stageIds = stages.map((stage) => stage.id);
  const unknown = (path: SettingPath, what: string, of: { name: string; names: string[] }) => {
    if (of.name === "") return;
    const near = nearestName(of.name, of.names);
    const remedy = near ? `did you mean ${near}?` : `known: ${of.names.slice(0, 12).join(", ")}`;
    problems.push(source.problem(path, `there is no ${what} "${of.name}"; ${remedy}`));
  };
  for (const [i, name] of packs.entries()) {
    if (name === "" || packs.indexOf(name) === i) continue;
    problems.push(source.problem(["packs", i], `"${name}" is named twice; take one away`));
  }
  for (const [i, { line, upstream }] of stages.entries()) {
    if (!lineIds.includes(line))
      unknown(["stages", i, "line"], "line", { name: line, names: lineIds });
    for (const [j, stage] of upstream.entries()) {
      if (!stageIds.includes(stage))
        unknown(["stages", i, "upstream", j], "stage", { name: stage, names: stageIds });
    }
  }
  return problems;
}

/** As it is after its way to the cloud: without the keys that were not given. */
const withoutUndefined = (site: SiteModel): SiteModel =>
  JSON.parse(JSON.stringify(site)) as SiteModel;
