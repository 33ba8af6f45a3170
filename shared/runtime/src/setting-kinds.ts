/** The kinds of single values a setting can have. `min` and `max` are inclusive. */
import { statSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, resolve } from "node:path";
import { isZone } from "@weir/contracts/site-time.ts";
import { durationPattern, formatDuration, parseDuration } from "./duration.ts";
import { nearestName } from "./nearest-name.ts";
import { type JsonSchema, type Place, type Setting, sentence, show } from "./settings.ts";

/** With a default there is always a value, whatever stands in the file. */
type Defaulted<T, Options> = Options extends { readonly default: string | number | boolean }
  ? Setting<T, T>
  : Setting<T, T | undefined>;

interface Kind<T> {
  doc: string;
  expected: string;
  schema: JsonSchema;
  /** Undefined after a complaint. */
  read: (input: unknown, at: Place) => T | undefined;
}

/** A row with the default of `options`, if it has one. */
function kind<T, Options extends { doc: string; default?: unknown }>(
  options: Options,
  { doc, expected, schema, read }: Kind<T>,
): Defaulted<T, Options> {
  const fallback = options.default === undefined ? undefined : { input: options.default };
  const draft = (at: Place): T | undefined => fallback && read(fallback.input, at.quietly());
  const setting: Setting<T> = {
    doc,
    expected,
    fallback,
    schema,
    read: (input, at) => read(input, at) ?? draft(at),
    draft,
  };
  // A default is a value of its own kind.
  return setting as Defaulted<T, Options>;
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
  /** What the text must be, for people: "lower-case letters and digits". */
  form?: string;
  like?: string;
  /** A number is taken as the text that stands in the file: ids are often numbers. */
  takesNumbers?: boolean;
}

export function text<const Options extends TextOptions>(
  options: Options,
): Defaulted<string, Options> {
  const { doc, min = 1, max = 1_000, pattern, fits = () => true, like } = options;
  const { form = "in the right form", takesNumbers = false } = options;
  const expected = like ? `a text like ${like}` : "a text";
  const read = (value: unknown, at: Place): string | undefined => {
    const input = takesNumbers && typeof value === "number" ? String(value) : value;
    if (typeof input === "number" || typeof input === "boolean") {
      at.complain(`${input} is not a text here; write "${input}" in quotes ${sentence(doc)}`);
    } else if (typeof input !== "string") {
      at.complain(wrong(input, "a text", expected, doc));
    } else if (input.length < min && options.default !== input) {
      const what = input === "" ? "is empty" : `is shorter than ${min} characters`;
      at.complain(`${what}; give ${expected} ${sentence(doc)}`);
    } else if (input.length > max) {
      at.complain(`has ${input.length} characters, more than ${max} ${sentence(doc)}`);
    } else if (options.default !== input && !(fits(input) && (pattern?.test(input) ?? true))) {
      at.complain(
        wrong(input, form, like ?? (pattern ? `what ${pattern} matches` : expected), doc),
      );
    } else {
      return input;
    }
    return undefined;
  };
  const schema = {
    type: takesNumbers ? ["string", "number"] : "string",
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
export const host = <const Options extends { doc: string; default?: string }>(
  options: Options,
): Defaulted<string, Options> =>
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
  min?: number;
  max?: number;
}

export const number = <const Options extends NumberOptions>(
  options: Options,
): Defaulted<number, Options> =>
  numeric(options, { what: "a number", type: "number", is: Number.isFinite });

export const integer = <const Options extends NumberOptions>(
  options: Options,
): Defaulted<number, Options> =>
  numeric(options, { what: "a whole number", type: "integer", is: Number.isSafeInteger });

interface NumberKind {
  what: string;
  type: string;
  is: (input: unknown) => boolean;
}

function numeric<const Options extends NumberOptions>(
  options: Options,
  { what, type, is }: NumberKind,
): Defaulted<number, Options> {
  const { doc, min, max } = options;
  const expected = `${what} ${rangeText(options)}`.trimEnd();
  return kind(options, {
    doc,
    expected,
    schema: {
      type,
      ...(min !== undefined && { minimum: min }),
      ...(max !== undefined && { maximum: max }),
    },
    read: (input, at) => {
      if (is(input)) return bounded(input as number, options, at);
      at.complain(
        isQuoted(input, is) ? unquoted(input, what, doc) : wrong(input, what, expected, doc),
      );
      return undefined;
    },
  });
}

/** A number in quotes is a text. */
const isQuoted = (input: unknown, is: NumberKind["is"]): input is string =>
  typeof input === "string" && input.trim() !== "" && is(Number(input));

const unquoted = (input: string, what: string, doc: string): string =>
  `${show(input)} is a text, not ${what}; write ${input.trim()} without quotes ${sentence(doc)}`.trimEnd();

/** "from 1 to 9", "of at least 1", "of at most 9", or nothing. */
function rangeText({ min, max }: { min?: number; max?: number }): string {
  if (min !== undefined && min === max) return `that is ${min}`;
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `of at least ${min}`;
  return max === undefined ? "" : `of at most ${max}`;
}

interface Bounds {
  doc: string;
  min?: number;
  max?: number;
  /** How a bound is written. */
  format?: (value: number) => string;
}

function bounded(value: number, bounds: Bounds, at: Place): number | undefined {
  const { min, max, doc, format = String } = bounds;
  const isBelow = min !== undefined && value < min;
  if (!isBelow && !(max !== undefined && value > max)) return value;
  const bound = isBelow ? `below ${format(min)}` : `above ${format(max ?? value)}`;
  const range = allowedText(bounds, format);
  at.complain(`${format(value)} is ${bound}; give ${range} ${sentence(doc)}`.trimEnd());
  return undefined;
}

function allowedText({ min, max }: Bounds, format: (value: number) => string): string {
  if (min === undefined) return max === undefined ? "" : `${format(max)} or less`;
  if (max === undefined) return `${format(min)} or more`;
  return min === max ? format(min) : `${format(min)} to ${format(max)}`;
}

/** A TCP or UDP port; 0 lets the system choose a free one. */
export const port = <const Options extends { doc: string; default?: number }>(
  options: Options,
): Defaulted<number, Options> => kind(options, integer({ doc: options.doc, min: 0, max: 65_535 }));

export interface DurationOptions {
  doc: string;
  /** "5s", or milliseconds. */
  default?: string | number;
  min: string | number;
  max: string | number;
}

/** Written "500ms", "3s", "5m", "8h", "2d"; read as milliseconds. */
export function duration<const Options extends DurationOptions>(
  options: Options,
): Defaulted<number, Options> {
  const min = asMs(options.min);
  const max = asMs(options.max);
  const { doc } = options;
  const expected = `a duration from ${formatDuration(min)} to ${formatDuration(max)}`;
  const read = (input: unknown, at: Place): number | undefined => {
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
  };
  const written: Options = { ...options };
  if (typeof options.default === "number") written.default = formatDuration(options.default);
  return kind(written, { doc, expected, schema: durationSchema, read });
}

const durationSchema: JsonSchema = {
  anyOf: [{ type: "string", pattern: `^(${durationPattern}|0)$` }, { const: 0 }],
};

const asMs = (value: string | number): number =>
  typeof value === "number" ? value : (parseDuration(value) ?? Number.NaN);

export function choice<
  const Name extends string,
  const Options extends { doc: string; default?: Name },
>(names: readonly Name[], options: Options): Defaulted<Name, Options> {
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

export const flag = <const Options extends { doc: string; default?: boolean }>(
  options: Options,
): Defaulted<boolean, Options> =>
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
export const timeZone = <const Options extends { doc: string; default?: string }>(
  options: Options,
): Defaulted<string, Options> =>
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
  must?: "file" | "folder" | "file or folder";
}

/** A file or folder; a relative one starts at the folder of the settings file. Read as absolute. */
export function path<const Options extends PathOptions>(
  options: Options,
): Defaulted<string, Options> {
  const { doc, must } = options;
  const expected = `the path of a ${must ?? "file or folder"}`;
  return kind(options, {
    doc,
    expected,
    schema: { type: "string" },
    read: (input, at) => {
      if (typeof input !== "string" || input === "" || input.includes("\0")) {
        at.complain(wrong(input, "a path", expected, doc));
        return undefined;
      }
      const absolute = resolve(dirname(at.source.file), input);
      if (must) checkIsThere(absolute, { must, expected, doc }, at);
      return absolute;
    },
  });
}

function checkIsThere(
  absolute: string,
  { must, expected, doc }: { must: string; expected: string; doc: string },
  at: Place,
): void {
  const found = statSync(absolute, { throwIfNoEntry: false });
  const isRight =
    must === "file"
      ? found?.isFile()
      : must === "folder"
        ? found?.isDirectory()
        : found !== undefined;
  if (isRight) return;
  const what = found ? `is not a ${must}` : "does not exist";
  at.complain(`${absolute} ${what}; give ${expected} ${sentence(doc)}`.trimEnd());
}
