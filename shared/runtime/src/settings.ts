/**
 * The one language of settings: a declaration gives a setting its type, default, bounds and sentence, and from
 * it come the check with every fault at its line and column, the JSON Schema for editors, the template to
 * begin with and the page of reference. Kinds of values are in setting-kinds.ts, tables in setting-tables.ts.
 */
import type { Problem, SettingPath } from "./problem.ts";
import { parseYaml, readYamlFile, type YamlResult, type YamlSource } from "./yaml-source.ts";

/**
 * How one value is read. `T` is what a file without faults yields; `Draft` what is left after faults: where a
 * value is missing or wrong its default, or undefined where it has none.
 */
export interface Setting<T, Draft = T | undefined> {
  /** One sentence for people: what it is for. */
  readonly doc: string;
  /** "a whole number from 1 to 512": completes "give …". */
  readonly expected: string;
  /** The value as it would stand in the file when none is given; undefined: it must be given. */
  readonly fallback: { input: unknown } | undefined;
  /** Rows below this one, and whether they come once, as a list or under names: for documentation. */
  readonly children?: SettingRows;
  readonly shape?: "table" | "list" | "map";
  /** Where the keys depend on one of them: the rows of each choice. */
  readonly variants?: SettingTables;
  /** The same as JSON Schema, without the doc and the default. */
  readonly schema: JsonSchema;
  /** The value; after a complaint what is read on with. */
  read(input: unknown, at: Place): Draft;
  /** What is read on with when the value is missing. */
  draft(at: Place): Draft;
  /** Never there: carries the type. */
  readonly type?: () => T;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export type SettingRows = Readonly<Record<string, Setting<unknown, unknown>>>;

/** Tables by name, each with its sentence. */
export type SettingTables = Readonly<
  Record<string, { readonly doc: string; readonly children: SettingRows }>
>;

/** The value that a table reads: `type UplinkSettings = SettingsOf<typeof uplinkSettings>`. */
export type SettingsOf<S> = S extends Setting<infer T, unknown> ? T : never;
/** What is left of it after faults. */
export type DraftOf<S> = S extends Setting<unknown, infer Draft> ? Draft : never;

export type SettingsResult<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export interface ReadOptions {
  /** A key without a value is a fault; else it is read as a key that is not there. */
  isNothingRefused?: boolean;
  /** Most problems told of one file: beyond it the file is of another kind. */
  problemCountMax?: number;
}

interface Reading extends Required<ReadOptions> {
  source: YamlSource;
  problems: Problem[];
  /** Nothing is missing, and no default is filled in: the document says what changes. */
  isPartial: boolean;
  count: { complaints: number };
}

/** Where a value stands in its file, and where complaints about it go. */
export class Place {
  readonly #reading: Reading;
  readonly #parent: Place | undefined;
  readonly #step: string | number;
  readonly #root: SettingPath;

  private constructor(reading: Reading, root: SettingPath, parent?: Place, step?: string | number) {
    this.#reading = reading;
    this.#root = root;
    this.#parent = parent;
    this.#step = step ?? "";
  }

  /** `path`: where in the document reading begins. */
  static of(
    source: YamlSource,
    path: SettingPath,
    { problems, ...options }: ReadOptions & { problems: Problem[] },
  ): Place {
    return new Place(
      {
        isNothingRefused: false,
        problemCountMax: 100,
        ...options,
        source,
        problems,
        isPartial: false,
        count: { complaints: 0 },
      },
      path,
    );
  }

  get source(): YamlSource {
    return this.#reading.source;
  }

  get path(): SettingPath {
    return this.#parent ? [...this.#parent.path, this.#step] : this.#root;
  }

  get isNothingRefused(): boolean {
    return this.#reading.isNothingRefused;
  }

  get isPartial(): boolean {
    return this.#reading.isPartial;
  }

  child(step: string | number): Place {
    return new Place(this.#reading, this.#root, this, step);
  }

  /** The same place, for a document that says only what changes. */
  partially(): Place {
    return this.#with({ ...this.#reading, isPartial: true });
  }

  /** The same place, where complaints go nowhere. */
  quietly(): Place {
    return this.#with({ ...this.#reading, problemCountMax: 0, count: { complaints: 0 } });
  }

  #with(reading: Reading): Place {
    return this.#parent
      ? new Place(reading, this.#root, this.#parent, this.#step)
      : new Place(reading, this.#root);
  }

  complain(text: string, of: "value" | "key" = "value"): void {
    const { problems, problemCountMax, source } = this.#reading;
    this.#reading.count.complaints++;
    if (problems.length < problemCountMax) problems.push(source.problem(this.path, text, of));
  }

  /** How many complaints there were so far, in the whole file. */
  get complaintCount(): number {
    return this.#reading.count.complaints;
  }
}

/** Reads a parsed document, or the part of it under `path`. */
export function readSettings<T>(
  source: YamlSource,
  table: Setting<T, unknown>,
  path: SettingPath = [],
): SettingsResult<T> {
  const { draft, problems } = readDraft(source, table, { path });
  // Without a problem nothing was left out.
  return problems.length === 0 ? { ok: true, value: draft as T } : { ok: false, problems };
}

/** Reads on past every fault, for whoever has more to check: what is left, and the problems so far. */
export function readDraft<Draft>(
  source: YamlSource,
  setting: Setting<unknown, Draft>,
  { path = [], ...options }: ReadOptions & { path?: SettingPath } = {},
): { draft: Draft; problems: Problem[] } {
  let input: unknown = source.root;
  for (const step of path) input = (input as Record<string | number, unknown> | undefined)?.[step];
  const problems: Problem[] = [];
  const at = Place.of(source, path, { ...options, problems });
  return { draft: readRow(setting, input ?? undefined, at), problems };
}

export const readSettingsFile = <T>(file: string, table: Setting<T, unknown>): SettingsResult<T> =>
  readParsed(readYamlFile(file), table);

/** `file` names the text in problems, and its folder is where relative paths start. */
export const readSettingsText = <T>(
  text: string,
  table: Setting<T, unknown>,
  file = "settings.yaml",
): SettingsResult<T> => readParsed(parseYaml(file, text), table);

/** What the table says when nothing is given. Only for tables in which every row has a default. */
export function defaultsOf<T>(table: Setting<T, unknown>): SettingsResult<T> {
  return readSettingsText("", table);
}

const readParsed = <T>(parsed: YamlResult, table: Setting<T, unknown>): SettingsResult<T> =>
  parsed.ok ? readSettings(parsed, table) : parsed;

/** A key that is absent takes its default; so does one without a value, where that is no fault. */
export function readRow<Draft>(row: Setting<unknown, Draft>, input: unknown, at: Place): Draft {
  if (input === null && at.isNothingRefused) {
    at.complain(`has no value; give ${row.expected}, or leave the key out ${sentence(row.doc)}`);
    return row.draft(at);
  }
  if (input !== undefined && input !== null) return row.read(input, at);
  if (row.fallback) return row.read(row.fallback.input, at);
  at.complain(`is missing; give ${row.expected} ${sentence(row.doc)}`.trimEnd());
  return row.draft(at);
}

export const isTable = (input: unknown): input is Record<string, unknown> =>
  typeof input === "object" && input !== null && !Array.isArray(input);

/** The doc sentence as the tail of a complaint. */
export const sentence = (doc: string): string => (doc === "" ? "" : `(${doc})`);

/** A value as it is quoted in a complaint. */
export function show(input: unknown): string {
  if (input === null || input === undefined) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (isTable(input)) return "a table";
  const text = typeof input === "string" ? JSON.stringify(input) : String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
