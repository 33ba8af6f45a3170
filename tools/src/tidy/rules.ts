/** The house rules, each a pure function from files to findings. */
import { dirname, join, normalize } from "node:path/posix";
import { adapters, bans, outsideProduct } from "./banned.ts";
import { pagesNotThere } from "./cited-pages.ts";
import { folderByName, ladder, packageOf, testOnly } from "./ladder.ts";
import { linkRule } from "./links.ts";
import { namesFound, simulatedNames } from "./simulated-names.ts";
import { type Finding, isProduct, isSource, isTest, lineOf, type SourceFile } from "./tree.ts";

export type Rule = (files: readonly SourceFile[]) => Finding[];

interface Import {
  specifier: string;
  line: number;
  typeOnly: boolean;
}

const importPattern =
  /^\s*(?:import|export)\s(type\s)?[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;

export function importsOf(text: string): Import[] {
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: (match[2] ?? match[3] ?? match[4]) as string,
    line: lineOf(text, (match.index ?? 0) + match[0].length),
    typeOnly: match[1] !== undefined,
  }));
}

const startsWithAny = (path: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => path.startsWith(prefix));

/** Packages look only down the ladder. */
export const ladderRule: Rule = (files) =>
  files
    .filter((file) => isSource(file.path))
    .flatMap((file) => {
      const own = packageOf(file.path);
      if (own === undefined) return [];
      const allowed = [own, ...(ladder[own] ?? []), ...(isTest(file.path) ? testOnly : [])];
      return importsOf(file.text).flatMap((found) => {
        const target = targetPackage(file.path, found.specifier);
        if (target === undefined || allowed.includes(target)) return [];
        return [
          {
            path: file.path,
            line: found.line,
            rule: "ladder",
            text: `${own} may not import ${target}`,
          },
        ];
      });
    });

function targetPackage(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return packageOf(normalize(join(dirname(from), specifier)));
  const name = specifier.split("/").slice(0, 2).join("/");
  return folderByName[name];
}

/** No file reaches itself through imports. Type-only imports do not run and do not count. */
export const cycleRule: Rule = (files) => {
  const sources = new Map(
    files.filter((file) => isSource(file.path)).map((file) => [file.path, file]),
  );
  const edges = new Map([...sources.values()].map((file) => [file.path, importedPaths(file)]));
  const state = new Map<string, "open" | "done">();
  const findings: Finding[] = [];
  const visit = (path: string, trail: string[]) => {
    if (state.get(path) === "done" || !sources.has(path)) return;
    if (state.get(path) === "open") {
      const loop = [...trail.slice(trail.indexOf(path)), path];
      findings.push({ path, line: 0, rule: "cycle", text: loop.join(" → ") });
      return;
    }
    state.set(path, "open");
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of sources.keys()) visit(path, []);
  return findings;
};

function importedPaths(file: SourceFile): string[] {
  return importsOf(file.text)
    .filter((found) => !found.typeOnly)
    .map(({ specifier }) => {
      if (specifier.startsWith(".")) return normalize(join(dirname(file.path), specifier));
      const [scope, name, ...rest] = specifier.split("/");
      const folder = folderByName[`${scope}/${name}`];
      return folder === undefined ? "" : `${folder}/src/${rest.join("/")}`;
    });
}

/** No ambient clock or chance, no raw errors, no console. */
export const bannedRule: Rule = (files) =>
  files
    .filter(
      (file) =>
        isProduct(file.path) &&
        packageOf(file.path) !== undefined &&
        !startsWithAny(file.path, outsideProduct),
    )
    .flatMap((file) =>
      file.text.split("\n").flatMap((line, index) =>
        bans
          .filter(
            (ban) =>
              ban.pattern.test(withoutComment(line)) && !startsWithAny(file.path, ban.except),
          )
          .map((ban) => ({
            path: file.path,
            line: index + 1,
            rule: "banned",
            text: `${line.trim().slice(0, 60)} — use ${ban.use}`,
          })),
      ),
    );

const withoutComment = (line: string): string =>
  /^\s*(\*|\/\/|\/\*)/.test(line) ? "" : line.replace(/\s\/\/ .*$/, "");

/** A library stands behind one adapter. Tests may use any as an oracle. */
export const adapterRule: Rule = (files) =>
  files
    .filter(
      (file) =>
        isProduct(file.path) && !startsWithAny(file.path, ["bench/", "hil-tests/", "tools/"]),
    )
    .flatMap((file) =>
      importsOf(file.text).flatMap(({ specifier, line }) => {
        const homes =
          adapters[specifier] ??
          adapters[
            specifier
              .split("/")
              .slice(0, specifier.startsWith("@") ? 2 : 1)
              .join("/")
          ];
        if (homes === undefined || homes.some((home) => home.test(file.path))) return [];
        return [
          {
            path: file.path,
            line,
            rule: "adapter",
            text: `${specifier} is imported only in ${homes.map(String).join(", ")}`,
          },
        ];
      }),
    );

const drawerWords = /(^|\/)(utils?|helpers?|common|misc|manager|types)(\.tsx?$|\/)/;
const lineCountMax = 400;

/** One concept, one file, a name that says which. */
export const shapeRule: Rule = (files) =>
  files
    .filter((file) => isSource(file.path))
    .flatMap((file) => {
      const findings: Finding[] = [];
      const lineCount = file.text.split("\n").length;
      if (lineCount > lineCountMax) {
        findings.push({
          path: file.path,
          line: 0,
          rule: "length",
          text: `${lineCount} lines, at most ${lineCountMax}`,
        });
      }
      if (drawerWords.test(file.path)) {
        findings.push({
          path: file.path,
          line: 0,
          rule: "name",
          text: "a drawer's name says nothing; name the concept",
        });
      }
      if (!/^[a-z0-9.-]+$/.test(file.path.split("/").at(-1) as string)) {
        findings.push({
          path: file.path,
          line: 0,
          rule: "name",
          text: "file names are kebab-case",
        });
      }
      return findings;
    });

/** Code speaks only of pages that are there. */
export const citedPageRule: Rule = pagesNotThere;

/** No product knows the plants that demonstrate it. */
export const simulatedNameRule: Rule = (files) => namesFound(files, simulatedNames());

export const rules: Record<string, Rule> = {
  ladder: ladderRule,
  cycle: cycleRule,
  banned: bannedRule,
  adapter: adapterRule,
  links: linkRule,
  shape: shapeRule,
  citedPages: citedPageRule,
  simulatedNames: simulatedNameRule,
};
