/**
 * YAML 1.2 text as plain values that remember where they stood, so every later complaint can name a
 * line and a column. The one import of the YAML library.
 */
import { readFileSync } from "node:fs";
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { formatPath, type Problem, type SettingPath } from "./problem.ts";

export interface Position {
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
}

export interface YamlSource {
  ok: true;
  file: string;
  /** As it was read. */
  text: string;
  /** Plain objects, arrays, strings, numbers, booleans, null. An empty document is null. */
  root: unknown;
  /** Where the value at `path` stands, or its key; the nearest ancestor when it is not there. */
  position(path: SettingPath, of?: "value" | "key"): Position;
  /** A problem at `path`, ready for formatProblems. */
  problem(path: SettingPath, text: string, of?: "value" | "key"): Problem;
}

export type YamlResult = YamlSource | { ok: false; problems: Problem[] };

/** Bytes of a settings document; larger files are a mistake, not settings. */
export const yamlSizeMax = 4 * 1024 * 1024;

/** Duplicate keys, tabs, bad indentation, unknown anchors and tags all end in one sentence each. */
export function parseYaml(file: string, text: string): YamlResult {
  if (text.length > yamlSizeMax) {
    const sentence = `${text.length} characters are more than the ${yamlSizeMax} a settings file may have`;
    return refuse(file, { line: 1, column: 1 }, sentence);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Its warnings go past the list of faults to the process's own, with bytes of the file in them.
    logLevel: "error",
  });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [
    ...syntaxProblems(document, text),
    ...(document.errors.length > 0 ? [] : meaningProblems(document)),
  ].map(([offset, sentence]) => ({ file, ...positionAt(offset), path: "", text: sentence }));
  if (problems.length > 0) return { ok: false, problems };
  const position = (path: SettingPath, of: "value" | "key" = "value") =>
    positionAt(offsetOf(document, path, of));
  try {
    return {
      ok: true,
      file,
      text,
      root: document.toJS(),
      position,
      problem: (path, sentence, of) => ({
        file,
        ...position(path, of),
        path: formatPath(path),
        text: sentence,
      }),
    };
  } catch (error) {
    // Only an alias bomb gets here: everything else was found above.
    return refuse(file, { line: 1, column: 1 }, `cannot be expanded: ${(error as Error).message}`);
  }
}

/** Reads and parses; a file that cannot be read is a problem like any other. */
export function readYamlFile(file: string): YamlResult {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return refuse(file, { line: 1, column: 1 }, unreadable(error as NodeJS.ErrnoException));
  }
  const text = bytes.toString("utf8");
  if (text.includes("\ufffd")) {
    const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
    return refuse(file, { line, column: 1 }, "is not UTF-8 text here; save the file as UTF-8");
  }
  return parseYaml(file, text);
}

function unreadable(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "does not exist; check the path";
  if (error.code === "EISDIR") return "is a folder; name a file in it";
  if (error.code === "EACCES") return "may not be read by this user; change its permissions";
  return `cannot be read (${error.message})`;
}

const refuse = (file: string, at: Position, text: string): YamlResult => ({
  ok: false,
  problems: [{ file, ...at, path: "", text }],
});

type Found = [offset: number, sentence: string];

/** Every duplicate and tab, but of the other errors only the first: the rest are its echoes. */
function syntaxProblems(document: Document, text: string): Found[] {
  const independent = new Set(["DUPLICATE_KEY", "TAB_AS_INDENT", "MULTIPLE_DOCS"]);
  const found: Found[] = [];
  let isFirst = true;
  for (const error of document.errors) {
    if (!independent.has(error.code)) {
      if (!isFirst) continue;
      isFirst = false;
    }
    found.push(sentenceOf(error, text));
  }
  return found;
}

function sentenceOf(error: YAMLError, text: string): Found {
  const [start, end] = error.pos;
  const line = text.slice(0, start).lastIndexOf("\n") + 1;
  switch (error.code) {
    case "DUPLICATE_KEY": {
      const key = /^[^:\n]*/.exec(text.slice(start))?.[0].trim() ?? "";
      return [start, `"${key}" is given twice in this table; remove or rename one`];
    }
    case "TAB_AS_INDENT":
      return [
        text.indexOf("\t", line) >= 0 ? text.indexOf("\t", line) : start,
        "a tab is used to indent; YAML allows only spaces, replace it by two spaces",
      ];
    case "BAD_INDENT":
      if (error.message.startsWith("Flow")) return openBracket(start);
      return [
        start,
        "this line starts in another column than the lines it belongs to; align it with them",
      ];
    case "MISSING_CHAR":
      if (error.message.includes("quote")) return openQuote(text, end);
      if (error.message.startsWith("Flow")) return openBracket(start);
      return [start, `a character is missing (${error.message})`];
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return [
        start,
        'a second "key:" stands where a value is expected; check the indentation, or put a text with a colon in quotes',
      ];
    case "BAD_SCALAR_START":
      return [start, `a text cannot start with ${text[start]}; put it in quotes`];
    case "MULTIPLE_DOCS":
      return [start, 'a second document starts here ("---"); one file holds one document'];
    default:
      return [
        start,
        `is not YAML here: ${lowerFirst(error.message)}; check indentation and quotes`,
      ];
  }
}

const openBracket = (start: number): Found => [
  start,
  "a list or table opened with [ or { is not closed before this line; add the closing bracket",
];

/** The library points at the end of the text; people look for the quote that opens it. */
function openQuote(text: string, end: number): Found {
  const quote = /(^|[:,[{\-\s])(["'])/g;
  let open = Math.max(0, end - 1);
  let closing = "";
  for (let i = 0; i < text.length && closing === ""; ) {
    quote.lastIndex = i;
    const match = quote.exec(text);
    if (!match) break;
    const [, before = "", mark = ""] = match;
    const start = match.index + before.length;
    const body = mark === '"' ? /\\[\s\S]|"/g : /''|'/g;
    body.lastIndex = start + 1;
    let stop = body.exec(text);
    while (stop && stop[0] !== mark) stop = body.exec(text);
    if (!stop) {
      open = start;
      closing = mark;
    } else {
      i = stop.index + 1;
    }
  }
  return [
    open,
    `a text opened with ${closing || "a quote"} is never closed; add the closing quote`,
  ];
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What is well-formed but means nothing here. */
function meaningProblems(document: Document): Found[] {
  const found: Found[] = document.warnings.map((warning) => [
    warning.pos[0],
    warning.code === "TAG_RESOLVE_FAILED"
      ? "a tag (!…) is not known here; remove it"
      : lowerFirst(warning.message),
  ]);
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) {
        found.push([startOf(alias), `*${alias.source} refers to an anchor that is not set above`]);
      }
    },
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || pair.key.value === null) {
        found.push([startOf(pair.key as Node | null), "a key must be a plain name"]);
      }
    },
  });
  return found;
}

const startOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

function offsetOf(document: Document, path: SettingPath, of: "value" | "key"): number {
  let node = document.contents as Node | null;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = (node.resolve(document) as Node | undefined) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (!pair) return offset;
      offset = startOf(pair.key as Node);
      node = pair.value as Node | null;
    } else if (node !== null && "items" in node && typeof step === "number") {
      const items: readonly unknown[] = node.items;
      node = (items[step] as Node | undefined) ?? null;
    } else {
      return offset;
    }
    const isKeyWanted = of === "key" && depth === path.length - 1;
    if (node?.range && !isKeyWanted) offset = startOf(node);
  }
  return offset;
}
