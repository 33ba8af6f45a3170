/** A page of reference out of the declarations that read a file: every key with value, default and sentence. */
import type { Setting, SettingRows, SettingTables } from "./settings.ts";

export interface ReferencedFile {
  /** Of the section: "edge.yaml". */
  title: string;
  table: Setting<unknown, unknown>;
}

export interface ReferencePage {
  title: string;
  /** One paragraph. */
  about: string;
  files: readonly ReferencedFile[];
}

/** Markdown: a table for each table of settings, in the order of the file. Ends with a line end. */
export function settingsReference({ title, about, files }: ReferencePage): string {
  const sections = files.flatMap(({ title: name, table }) => [
    `## ${name}`,
    ...(table.doc === "" ? [] : [table.doc]),
    ...tableOf(table.children ?? {}),
    ...sectionsOf(table.children ?? {}, { path: "", told: new Set() }),
  ]);
  return `${[`# ${title}`, about, ...sections].join("\n\n")}\n`;
}

interface Telling {
  path: string;
  /** Tables that have a section: what several have in common is told once. */
  told: Set<SettingRows>;
}

/** Sections of the tables below `rows`. */
function sectionsOf(rows: SettingRows, { path, told }: Telling): string[] {
  return Object.entries(rows).flatMap(([key, row]) => {
    const own = `${path === "" ? "" : `${path}.`}${key}${entryOf(row)}`;
    const tables = row.variants ?? (row.children ? { "": row as Told } : {});
    return Object.entries(tables).flatMap(([name, { doc, children }]) => {
      if (told.has(children)) return [];
      told.add(children);
      const heading = `### \`${own}\`${name === "" ? "" : `, ${name}`}`;
      return [heading, doc, ...tableOf(children), ...sectionsOf(children, { path: own, told })];
    });
  });
}

type Told = SettingTables[string];

const entryOf = ({ shape }: Setting<unknown, unknown>): string =>
  shape === "list" ? "[]" : shape === "map" ? ".NAME" : "";

function tableOf(rows: SettingRows): string[] {
  const lines = Object.entries(rows).map(
    ([key, row]) =>
      `| \`${key}\` | ${cell(shownValue(row))} | ${defaultOf(row)} | ${cell(row.doc)} |`,
  );
  return [["| key | value | default | |", "|---|---|---|---|", ...lines].join("\n")];
}

function shownValue({ children, variants, shape, expected }: Setting<unknown, unknown>): string {
  if (variants && shape !== "map") return "one of those below";
  if (!children) return expected;
  if (shape === "list") return "a list, below";
  return shape === "map" ? "a table of names, below" : "a table, below";
}

/** As it would be written; "needed" where it must be given. */
function defaultOf({ schema, fallback, shape }: Setting<unknown, unknown>): string {
  if (fallback === undefined) return "needed";
  const value = schema["default"] ?? (shape === "table" ? undefined : fallback.input);
  const isNothing =
    value === undefined ||
    value === "" ||
    (typeof value === "object" && Object.keys(value as object).length === 0);
  return isNothing ? "" : cell(`\`${written(value)}\``);
}

const written = (value: unknown): string =>
  typeof value === "string" && /^[\w./-]+$/.test(value) ? value : JSON.stringify(value);

/** Text that is safe in a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
