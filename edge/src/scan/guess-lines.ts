/** What bytes that were heard on a line could be: lines, their checksum, and how to take them apart. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { checkLine } from "../acquisition/line/checksum.ts";
import { parseDecimal } from "../acquisition/line/parse-decimal.ts";
import { type ChecksumName, checksumNames } from "../configuration/line-settings.ts";

export interface LineGuess {
  /** Share of the bytes that text is made of, 0…1. */
  printable: number;
  delimiter: "\r\n" | "\n" | "\r";
  lines: string[];
  checksum: ChecksumName;
  /** Devices as a configuration would have them; none when nothing fits. */
  layouts: DeviceGuess[];
}

export interface DeviceGuess {
  /** Keys of a device in the configuration. */
  keys: string;
  /** What its tags read. */
  fields: string[];
}

/** Lines kept of what was heard. */
const linesMax = 200;
const fieldsMax = 8;

export function guessLines(bytes: Uint8Array): LineGuess {
  let text = "";
  let printableCount = 0;
  for (const byte of bytes) {
    if ((byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13) printableCount++;
    text += String.fromCharCode(byte);
  }
  const delimiter = text.includes("\r\n") ? "\r\n" : text.includes("\n") ? "\n" : "\r";
  // The first line began before anybody listened, the last one is still under way.
  const whole = text.split(delimiter).slice(1, -1);
  const lines = whole.map((line) => line.replace(/^[\r\n\0]+|[\r\n\0]+$/g, "")).filter(Boolean);
  const kept = lines.slice(0, linesMax);
  const checksum = checksumIn(kept);
  const payloads = kept.flatMap((line) => {
    const checked = checkLine(checksum, line);
    return checked.ok ? [checked.payload] : [];
  });
  return {
    printable: bytes.length === 0 ? 0 : printableCount / bytes.length,
    delimiter,
    lines: kept,
    checksum,
    layouts: payloads.length === 0 ? [] : layoutsIn(payloads),
  };
}

/** One that all lines carry; a single line could carry one by chance. */
function checksumIn(lines: readonly string[]): ChecksumName {
  if (lines.length < 2) return "none";
  const fits = checksumNames.find(
    (name) => name !== "none" && lines.every((line) => checkLine(name, line).ok),
  );
  return fits ?? "none";
}

function layoutsIn(payloads: readonly string[]): DeviceGuess[] {
  const sentences = sentencesIn(payloads);
  if (sentences.length > 0) return sentences;
  const guess = pairsIn(payloads) ?? columnsIn(payloads) ?? positionsIn(payloads);
  return guess ? [guess] : [];
}

/** Columns of text that name what follows, then the number: "$WQ,TANK1,CL,1.23,mg/L". One device a head. */
function sentencesIn(payloads: readonly string[]): DeviceGuess[] {
  const guesses = new Map<string, DeviceGuess>();
  for (const payload of payloads) {
    const columns = payload.split(",");
    const at = columns.findIndex((column) => parseDecimal(column) !== undefined);
    if (at < 1) continue;
    const head = columns.slice(0, at).join(",");
    const name = fieldName(elementAt(columns, at - 1));
    const match = `^${escaped(head)},(?<${name}>[^,]*)`;
    guesses.set(head, { keys: `match: '${match.replaceAll("'", "''")}'`, fields: [name] });
  }
  // Nearly as many heads as lines name nothing: their text is another value.
  return guesses.size <= Math.ceil(payloads.length / 2) ? [...guesses.values()] : [];
}

function pairsIn(payloads: readonly string[]): DeviceGuess | undefined {
  const keysOf = (line: string) =>
    [...line.matchAll(/([A-Za-z_][\w.]*)[=:]\s*([^\s,;=:]+)/g)]
      .filter(([, , value]) => parseDecimal(present(value)) !== undefined)
      .map(([, key]) => present(key));
  const fields = keysOf(elementAt(payloads, 0));
  const isSame = payloads.every((line) => fields.every((field) => keysOf(line).includes(field)));
  if (fields.length === 0 || !isSame) return undefined;
  return { keys: "pairs: true", fields: fields.slice(0, fieldsMax) };
}

function columnsIn(payloads: readonly string[]): DeviceGuess | undefined {
  for (const separator of [",", ";", "\t", " "]) {
    const rows = payloads.map((line) =>
      separator === " " ? line.trim().split(/\s+/) : line.split(separator),
    );
    const count = elementAt(rows, 0).length;
    if (count < 2 || rows.some((row) => row.length !== count)) continue;
    const fields = elementAt(rows, 0).flatMap((text, i) =>
      parseDecimal(text) === undefined ? [] : [String(i + 1)],
    );
    if (fields.length === 0) continue;
    const own = separator === "," ? "" : `, separator: ${JSON.stringify(separator)}`;
    return { keys: `columns: ${count}${own}`, fields: fields.slice(0, fieldsMax) };
  }
  const isNumber = payloads.every((line) => parseDecimal(line) !== undefined);
  return isNumber ? { keys: "columns: 1", fields: ["1"] } : undefined;
}

/** Numbers at the same place of lines of one width. */
function positionsIn(payloads: readonly string[]): DeviceGuess | undefined {
  const width = elementAt(payloads, 0).length;
  if (payloads.some((line) => line.length !== width)) return undefined;
  const fields = [...elementAt(payloads, 0).matchAll(/\s*[+-]?\d+(?:\.\d+)?/g)].map(
    ({ index, 0: text }) => `${index + 1}-${index + text.length}`,
  );
  if (fields.length === 0) return undefined;
  return { keys: `width: ${width}`, fields: fields.slice(0, fieldsMax) };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

const fieldName = (text: string): string => {
  const letters = text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return /^[a-z]/.test(letters) ? letters : `v${letters}`;
};
