/** Connections that print lines, and how a device's lines are taken apart. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import { pollEveryDefaultMs } from "../acquisition/line/line-keys.ts";
import { checkPattern } from "../acquisition/line/pattern-cost.ts";
import { type Ne107, ne107, type StatusSettings } from "./configuration.ts";
import type { ConnectionDraftOf } from "./document-connection.ts";
import type { DeviceDraft, StatusDraft } from "./document-device.ts";
import type { LineLayout, LineSettings } from "./line-settings.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

/** Keys of devices that print lines. */
type LineDeviceDraft = Pick<
  DeviceDraft,
  "match" | "columns" | "separator" | "decimal" | "pairs" | "width"
>;

const separatorDefault = ",";
const decimalDefault = ".";
const delimiterLengthMax = 8;
const pollLengthMax = 64;

export function resolveLine(
  at: Resolving,
  raw: ConnectionDraftOf<"line">,
  path: SettingPath,
): LineSettings {
  const delimiter = decoded(raw.delimiter);
  if (delimiter.length > delimiterLengthMax) {
    const text = `${delimiter.length} characters are more than the ${delimiterLengthMax} a delimiter may have`;
    fault(at, [...path, "delimiter"], text);
  }
  const text = raw.poll === undefined ? undefined : decoded(raw.poll);
  if (text !== undefined && text.length > pollLengthMax) {
    const why = `${text.length} characters are more than the ${pollLengthMax} a poll may have`;
    fault(at, [...path, "poll"], why);
  }
  if (text === undefined && raw.every !== undefined) {
    fault(at, [...path, "every"], 'means nothing without "poll": the device prints by itself');
  }
  return {
    delimiter,
    lengthMax: raw.maxLine,
    checksum: raw.checksum,
    poll: text === undefined ? undefined : { text, everyMs: raw.every ?? pollEveryDefaultMs },
  };
}

/** "\r" written without YAML's double quotes is meant as a carriage return all the same. */
function decoded(text: string): string {
  const codes: Record<string, string> = { r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" };
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|([rnt0\\]))/g, (_, hex, letter) =>
    hex === undefined ? present(codes[letter]) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** undefined when nothing can be made of it; the faults are noted. */
export function resolveLayout(
  at: Resolving,
  raw: LineDeviceDraft,
  { path, line, isAlone }: { path: SettingPath; line: LineSettings; isAlone: boolean },
): { layout: LineLayout; groups: string[] } | undefined {
  const checked = raw.match === undefined ? undefined : checkPattern(raw.match, line.lengthMax);
  if (checked?.ok === false) return fault(at, [...path, "match"], `"${raw.match}" ${checked.text}`);
  const groups = checked?.groups ?? [];
  const keys = (["columns", "pairs", "width"] as const).filter((key) => raw[key]);
  if (keys.length > 1) {
    return fault(
      at,
      [...path, elementAt(keys, 1)],
      `${keys.join(" and ")} are both given; keep one`,
    );
  }
  if (keys.length === 0 && groups.length === 0) {
    return fault(
      at,
      path,
      'how its lines are read is missing: "match" with named groups, as ^CL,(?<cl>[^,]*), or columns, pairs or width',
    );
  }
  if (raw.match === undefined && !isAlone) {
    fault(at, path, '"match" is missing: several devices share this line and are told apart by it');
  }
  if (raw.separator !== undefined && keys[0] !== "columns" && keys[0] !== "pairs") {
    fault(at, [...path, "separator"], "means nothing without columns or pairs");
  }
  if (raw.width !== undefined && raw.width > line.lengthMax) {
    const text = `${raw.width} characters are more than maxLine, ${line.lengthMax}; raise it`;
    fault(at, [...path, "width"], text);
  }
  if (line.checksum === "none" && keys[0] === "columns" && raw.columns === 1) {
    warn(at, path, "one column without a checksum: a damaged digit is not noticed");
  }
  const decimal = raw.decimal ?? decimalDefault;
  const fields = fieldsOf(raw, keys[0]);
  if (decimal === "," && "separator" in fields && fields.separator?.includes(",") !== false) {
    const text = fields.by === "pairs" ? "pairs" : "columns";
    fault(at, [...path, "decimal"], `${text} are parted by commas here; name another separator`);
  }
  return { layout: { match: raw.match, decimal, fields }, groups };
}

function fieldsOf(
  raw: LineDeviceDraft,
  key: "columns" | "pairs" | "width" | undefined,
): LineLayout["fields"] {
  const separator = raw.separator === undefined ? undefined : decoded(raw.separator);
  switch (key) {
    case "columns":
      return {
        by: "columns",
        separator: separator ?? separatorDefault,
        count: present(raw.columns),
      };
    case "pairs":
      return { by: "pairs", separator };
    case "width":
      return { by: "width", width: present(raw.width) };
    case undefined:
      return { by: "groups" };
  }
}

/** A status field: a number with bits, or words. */
export function resolveLineStatus(
  at: Resolving,
  raw: StatusDraft,
  { path, field }: { path: SettingPath; field: string | undefined },
): StatusSettings | undefined {
  if (field === undefined) return undefined;
  const { words: meanings, bits: numbers } = raw;
  if ((meanings === undefined) === (numbers === undefined)) {
    return fault(at, path, 'give either "words" (OK: good, …) or "bits" (3: failure, …)');
  }
  if (meanings === undefined) {
    const bits = Object.entries(numbers ?? {}).map(
      ([bit, meaning]) => [Number(bit), meaning] as const,
    );
    return { place: undefined, field, words: undefined, bits: new Map(bits) };
  }
  // Each word stands for the one bit of its meaning.
  const bits = new Map<number, Ne107>(ne107.map((meaning, bit) => [bit, meaning]));
  const words = Object.entries(meanings).map(
    ([word, meaning]) => [word, meaning === "good" ? 0 : 1 << ne107.indexOf(meaning)] as const,
  );
  return { place: undefined, field, words: new Map(words), bits };
}
