/** The repository's own files, as git sees them: what the house rules are checked against. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  path: string;
  text: string;
}

export interface Finding {
  path: string;
  /** 1-based; 0 when the finding is about the whole file. */
  line: number;
  rule: string;
  text: string;
}

const textEndings = [
  ".ts",
  ".tsx",
  ".js",
  ".json",
  ".md",
  ".yaml",
  ".yml",
  ".proto",
  ".css",
  ".html",
  ".service",
];
const fileSizeMax = 512 * 1024;

/** Tracked and new files that are text; ignored ones never. */
export function readTree(root: string): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const files: SourceFile[] = [];
  for (const path of new Set(listed.split("\n"))) {
    if (!textEndings.some((ending) => path.endsWith(ending))) continue;
    const full = join(root, path);
    if (!existsSync(full) || statSync(full).size > fileSizeMax) continue;
    files.push({ path, text: readFileSync(full, "utf8") });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Product code: neither tests nor benches nor generated. */
export const isProduct = (path: string): boolean => isSource(path) && !isTest(path);

export const isSource = (path: string): boolean =>
  /\.tsx?$/.test(path) &&
  !path.includes("/generated/") &&
  !path.endsWith(".d.ts") &&
  !path.endsWith(".as.ts") &&
  !path.includes("/assembly/");

export const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || /(^|\/)test\//.test(path);

export const lineOf = (text: string, index: number): number =>
  text.slice(0, index).split("\n").length;
