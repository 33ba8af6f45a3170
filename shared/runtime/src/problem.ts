/** One thing wrong in a file a person wrote: where, what, and what to do about it. */
import { elementAt } from "@weir/contracts/elements.ts";

/** Names and list indexes from the root, as ["devices", 2, "name"]. */
export type SettingPath = readonly (string | number)[];

export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** "devices[2].name"; empty for the document itself. */
  path: string;
  /** One sentence with value, bound and remedy. */
  text: string;
}

export const formatPath = (path: SettingPath): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");

/** What a file holds must not break the line that tells of it, nor steer a terminal. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (sign) => {
    const known: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
    return known[sign] ?? `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });

/**
 * In file order: "edge.yaml: 2 problems", then a line each: "edge.yaml:3:9  uplink.batchCount  900 is …".
 * `what`: what one of them is called, "warning" where the file is taken all the same.
 */
export function formatProblems(problems: readonly Problem[], what = "problem"): string {
  const sorted = [...problems].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  const places = sorted.map((p) => `${p.file}:${p.line}:${p.column}`);
  const placeWidth = Math.max(0, ...places.map((place) => place.length));
  const lines = sorted.map((problem, i) => {
    const place = elementAt(places, i).padEnd(placeWidth);
    return ["", oneLine(place), oneLine(problem.path), oneLine(problem.text)]
      .filter((cell, j) => j === 0 || cell !== "")
      .join("  ");
  });
  const files = [...new Set(sorted.map((p) => p.file))].join(", ");
  const count = `${sorted.length} ${what}${sorted.length === 1 ? "" : "s"}`;
  return [`${files}: ${count}`, ...lines].join("\n");
}
