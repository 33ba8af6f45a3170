/** Pages that code speaks of: the ones of this repository, by name; a reader can open no other. */
import { normalize } from "node:path/posix";
import { type Finding, isSource, lineOf, type SourceFile } from "./tree.ts";

const pagePattern = /(?<![\w./-])((?:[\w.-]+\/)*[\w-]+\.md)\b(\s§|\s\d)?/g;
const bare = (page: string): string => normalize(page).replace(/^(\.\.\/)+/, "");

/** Findings of pages that are not there, and of sections by number, which nobody keeps in step. */
export function pagesNotThere(files: readonly SourceFile[]): Finding[] {
  const pages = files.map(({ path }) => path).filter((path) => path.endsWith(".md"));
  const exists = (page: string) =>
    pages.some((path) => path === bare(page) || path.endsWith(`/${bare(page)}`));
  return files
    .filter(({ path }) => (isSource(path) || path.endsWith(".proto")) && !path.startsWith("tools/"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(pagePattern)].flatMap(({ 1: page = "", 2: section, index }) =>
        exists(page) && section === undefined
          ? []
          : [
              {
                path,
                line: lineOf(text, index),
                rule: "cited page",
                text: `${page}${section ?? ""} cannot be opened from here; state what it says`,
              },
            ],
      ),
    );
}
