/** The kinds of single values a setting can have. `min` and `max` are inclusive. */
import { statSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, resolve } from "node:path";
import { isZone } from "@weir/contracts/site-time.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { nearestName } from "./nearest-name.ts";
import { type JsonSchema, type Place, type Setting, sentence, show } from "./settings.ts";

interface Kind<T> {
  doc: string;
  expected: string;
  schema: JsonSchema;
  /** Undefined after a complaint. */
  read: (input: unknown, at: Place) => T | undefined;
}

/** A row with the default of `options`, if it has one. */
function kind<T>(
  options: { doc: string; default?: unknown },
  { doc, expected, schema, read }: Kind<T>,
) {
  const fallback = options.default === undefined ? undefined : { input: options.default };
  const setting: Setting<T> = {
    doc,
    expected,
    fallback,
    schema,
    read: (input, at) => read(input, at) as T,
  };
  return setting;
}

/** The complaint about a value that is not of its kind. */
const wrong = (input: unknown, not: string, give: string, doc: string): string =>
  `${show(input)} is not ${not}; give ${give} ${sentence(doc)}`.trimEnd();

export interface TextOptions {
  doc: string;
  default?: string;
  /** Characters. */
  min?: number;
  max?: number;
  /** What the whole text must match, and how to say so. */
  pattern?: RegExp;
  /** What no pattern can say of it. */
  fits?: (text: string) => boolean;
  like?: string;
}

export function text(options: TextOptions): Setting<string> {
  const { doc, min = 1, max = 1_000, pattern, fits = () => true, like } = options;
  const expected = like ? `a text like ${like}` : "a text";
  const read = (input: unknown, at: Place): string | undefined => {
    if (typeof input === "number" || typeof input === "boolean") {
      at.complain(`${input} is not a text here; write "${input}" in quotes ${sentence(doc)}`);
    } else if (typeof input !== "string") {
      at.complain(wrong(input, "a text", expected, doc));
    } else if (input.length < min && options.default !== input) {
      at.complain(`is empty or shorter than ${min} characters; give ${expected} ${sentence(doc)}`);
    } else if (input.length > max) {
      at.complain(`has ${input.length} characters, more than ${max} ${sentence(doc)}`);
    } else if (options.default !== input && !(fits(input) && (pattern?.test(input) ?? true))) {
      at.complain(
        wrong(
          input,
          "in the right form",
          like ?? (pattern ? `what ${pattern} matches` : expected),
          doc,
        ),
      );
    } else {
      return input;
    }
    return undefined;
  };
  const schema = {
    type: "string",
    minLength: options.default === "" ? 0 : min,
    maxLength: max,
    ...(pattern && options.default !== "" && { pattern: pattern.source }),
  };
  return kind(options, { doc, expected, schema, read });
}

const hostNamePattern =
  /^(?=.{1,253}$)[A-Za-z0-9_]([\w-]{0,62}(?<!-))?(\.[A-Za-z0-9_]([\w-]{0,62}(?<!-))?)*$/;

/** Figures and dots alone are an address, or a slip in one. */
const isHost = (text: string): boolean =>
  isIP(text) !== 0 || (hostNamePattern.test(text) && !/^[\d.]+$/.test(text));

/** A host name or an IP address on which a server listens. */
export const host = (options: { doc: string; default?: string }): Setting<string> =>
  text({ ...options, fits: isHost, like: '"plant.example", "10.0.0.5" or "::1"' });

/** A host name or an IP address by which others reach a server; it can stand in a certificate. */
export const hostName = (options: { doc: string }): Setting<string> =>
  text({
    ...options,
    fits: (name) => isHost(name) && !name.includes("%"),
    like: '"plant.example" or "10.0.0.5"',
  });

/** An IP address, or a network with the length of its prefix. */
export const network = (options: { doc: string }): Setting<string> =>
  text({ ...options, fits: isNetwork, like: '"10.0.0.5" or "10.0.0.0/8"' });

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || address.includes("%") || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** Whether two listeners would stand in each other's way; port 0 takes a free one. */
export const isSameListener = (
  one: { host: string; port: number },
  other: { host: string; port: number },
): boolean =>
  one.port !== 0 &&
  one.port === other.port &&
  (one.host === other.host || [one, other].some(({ host }) => host === "0.0.0.0" || host === "::"));

export interface NumberOptions {
  doc: string;
  default?: number;
  min: number;
  max: number;
}

export function number(options: NumberOptions): Setting<number> {
  const expected = `a number from ${options.min} to ${options.max}`;
  return kind(options, {
    doc: options.doc,
    expected,
    schema: { type: "number", minimum: options.min, maximum: options.max },
    read: (input, at) => {
      if (typeof input === "number" && Number.isFinite(input)) return bounded(input, options, at);
      at.complain(wrong(input, "a number", expected, options.doc));
      return undefined;
    },
  });
}

export function integer(options: NumberOptions): Setting<number> {
  const expected = `a whole number from ${options.min} to ${options.max}`;
  return kind(options, {
    doc: options.doc,
    expected,
    schema: { type: "integer", minimum: options.min, maximum: options.max },
    read: (input, at) => {
      if (Number.isSafeInteger(input)) return bounded(input as number, options, at);
      at.complain(wrong(input, "a whole number", expected, options.doc));
      return undefined;
    },
  });
}

interface Bounds {
  doc: string;
  min: number;
  max: number;
  /** How a bound is written. */
  format?: (value: number) => string;
}

function bounded(value: number, bounds: Bounds, at: Place): number | undefined {
  const { min, max, doc, format = String } = bounds;
  if (value >= min && value <= max) return value;
  const bound = value < min ? `below ${format(min)}` : `above ${format(max)}`;
  at.complain(
    `${format(value)} is ${bound}; give ${format(min)} to ${format(max)} ${sentence(doc)}`.trimEnd(),
  );
  return undefined;
}

/** A TCP or UDP port; 0 lets the system choose a free one. */
export const port = (options: { doc: string; default?: number }): Setting<number> =>
  integer({ ...options, min: 0, max: 65_535 });

export interface DurationOptions {
  doc: string;
  /** "5s", or milliseconds. */
  default?: string | number;
  min: string | number;
  max: string | number;
}

/** Written "500ms", "3s", "5m", "8h", "2d"; read as milliseconds. */
export function duration(options: DurationOptions): Setting<number> {
  const min = asMs(options.min);
  const max = asMs(options.max);
  const expected = `a duration from ${formatDuration(min)} to ${formatDuration(max)}`;
  const { doc } = options;
  const fallback =
    options.default === undefined ? {} : { default: writtenDuration(options.default) };
  return kind(
    { doc, ...fallback },
    {
      doc,
      expected,
      schema: { type: ["string", "number"] },
      read: (input, at) => {
        const valueMs = input === 0 ? 0 : parseDuration(String(input));
        if (valueMs !== undefined)
          return bounded(valueMs, { doc, min, max, format: formatDuration }, at);
        if (typeof input === "number")
          at.complain(
            `${input} has no unit; write ${input}s, ${input}m or ${input}ms ${sentence(doc)}`,
          );
        else
          at.complain(
            wrong(input, 'a duration such as "500ms", "3s", "5m", "8h" or "2d"', expected, doc),
          );
        return undefined;
      },
    },
  );
}

const asMs = (value: string | number): number =>
  typeof value === "number" ? value : (parseDuration(value) ?? Number.NaN);
const writtenDuration = (value: string | number): string =>
  typeof value === "number" ? formatDuration(value) : value;

export function choice<const Name extends string>(
  names: readonly Name[],
  options: { doc: string; default?: NoInfer<Name> },
): Setting<Name> {
  const expected = `one of ${names.join(", ")}`;
  return kind(options, {
    doc: options.doc,
    expected,
    schema: { enum: names },
    read: (input, at) => {
      if (names.includes(input as Name)) return input as Name;
      const near = typeof input === "string" ? nearestName(input, names) : undefined;
      const remedy = near ? `did you mean ${near}? It is` : "give";
      at.complain(
        `${show(input)} is unknown; ${remedy} ${expected} ${sentence(options.doc)}`.trimEnd(),
      );
      return undefined;
    },
  });
}

export const flag = (options: { doc: string; default?: boolean }): Setting<boolean> =>
  kind(options, {
    doc: options.doc,
    expected: "true or false",
    schema: { type: "boolean" },
    read: (input, at) => {
      if (typeof input === "boolean") return input;
      at.complain(wrong(input, "true or false", "true or false, without quotes", options.doc));
      return undefined;
    },
  });

/** An IANA time zone that this machine knows, as "Europe/Vienna". */
export const timeZone = (options: { doc: string; default?: string }): Setting<string> =>
  kind(options, {
    doc: options.doc,
    expected: 'a time zone like "Europe/Vienna" or "UTC"',
    schema: { type: "string" },
    read: (input, at) => {
      if (typeof input === "string" && isZone(input)) return input;
      const near =
        typeof input === "string"
          ? nearestName(input, Intl.supportedValuesOf("timeZone"))
          : undefined;
      const give = near ? `${near}, if that was meant` : 'a name like "Europe/Vienna" or "UTC"';
      at.complain(wrong(input, "a known time zone", give, options.doc));
      return undefined;
    },
  });

export interface PathOptions {
  doc: string;
  default?: string;
  /** Demands that it is there. */
  must?: "file" | "folder";
}

/** A file or folder; a relative one starts at the folder of the settings file. Read as absolute. */
export function path(options: PathOptions): Setting<string> {
  const expected = `the path of a ${options.must ?? "file or folder"}`;
  return kind(options, {
    doc: options.doc,
    expected,
    schema: { type: "string" },
    read: (input, at) => {
      if (typeof input !== "string" || input === "" || input.includes("\0")) {
        at.complain(wrong(input, "a path", expected, options.doc));
        return undefined;
      }
      const absolute = resolve(dirname(at.source.file), input);
      if (!options.must) return absolute;
      const found = statSync(absolute, { throwIfNoEntry: false });
      const isRight = options.must === "file" ? found?.isFile() : found?.isDirectory();
      if (!isRight) {
        const what = found ? `is not a ${options.must}` : "does not exist";
        at.complain(`${absolute} ${what}; give ${expected} ${sentence(options.doc)}`.trimEnd());
      }
      return absolute;
    },
  });
}
