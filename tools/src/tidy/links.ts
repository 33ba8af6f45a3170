/** Every relative link with its anchor, and every path in backquotes, leads somewhere. */
import { dirname, join, normalize } from "node:path/posix";
import { type Finding, lineOf, type SourceFile } from "./tree.ts";

const linkPattern =
  /\]\(([^)\s]+)\)|`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|tsx|md|yaml|json|proto|js)|(?:[\w.-]+\/){2,})`/g;

export function linkRule(files: readonly SourceFile[]): Finding[] {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  const folders = new Set([...texts.keys()].flatMap((path) => ancestors(path)));
  const exists = (path: string) => texts.has(path) || folders.has(path.replace(/\/$/, ""));
  const isDead = (from: string, link: string, isPath: boolean): boolean => {
    const [bare = "", anchor] = link.split("#");
    if (!isPath && /\.(png|svg|jpg)$/.test(bare)) return false;
    const candidates = bare === "" ? [from] : [normalize(join(dirname(from), bare)), bare];
    const found = candidates.find(exists);
    if (found === undefined) return true;
    const text = texts.get(found);
    return anchor !== undefined && found.endsWith(".md") && !anchorsOf(text ?? "").has(anchor);
  };
  return files
    .filter((file) => file.path.endsWith(".md"))
    .flatMap((file) =>
      [...file.text.matchAll(linkPattern)].flatMap((match) => {
        const link = (match[1] ?? match[2]) as string;
        if (/^[a-z]+:/.test(link) || !isDead(file.path, link, match[2] !== undefined)) return [];
        const line = lineOf(file.text, match.index ?? 0);
        return [{ path: file.path, line, rule: "dead link", text: link }];
      }),
    );
}

const ancestors = (path: string): string[] => {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
};

/** What headings are called in links, as the usual hosts make it of them. */
function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
