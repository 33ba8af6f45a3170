/**
 * Packs from their folders into one: those a site names, those they build on, and what the site adds.
 * What comes later counts where both speak of the same id, and its findings and failure modes are
 * tried first. All faults of all files are told at once.
 */
import { strict as assert } from "node:assert";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PlantPack } from "@weir/contracts/plant-pack.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { Problem, SettingPath } from "@weir/runtime/problem.ts";
import { readSettings } from "@weir/runtime/settings.ts";
import { parseYaml, readYamlFile, type YamlSource } from "@weir/runtime/yaml-source.ts";
import { emptyPack } from "./catalogue.ts";
import { unknownReferences } from "./pack-references.ts";
import { type PackFile, packFile } from "./pack-settings.ts";

/** The packs that come with Weir, a folder each. */
export const packFolder = new URL("../packs/", import.meta.url).pathname;

export const builtinPacks = (): string[] =>
  readdirSync(packFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** Content with the document it stands in, so that faults have a place. */
export interface PackPart {
  source: YamlSource;
  content: PlantPack;
}

export type LoadedPack =
  | { ok: true; pack: PlantPack; names: string[] }
  | { ok: false; problems: Problem[] };

export interface PackRequest {
  /** As a site names them: "water", or the path of a folder; undefined for a name that is none. */
  names: readonly (string | undefined)[];
  /** Where a name stands, for complaints. */
  named: { source: YamlSource; path: SettingPath };
  /** Where paths start. */
  folder: string;
  /** What the site adds itself. */
  own?: PackPart | undefined;
}

/** A name with a separator or a leading dot is a folder; other names are packs that come with Weir. */
const isFolder = (name: string): boolean => /[\\/]|^\./.test(name);

/** Resolves what a site names and adds. */
export function loadPacks({ names, named, folder, own }: PackRequest): LoadedPack {
  const loading: Loading = { problems: [], parts: [], done: [], open: [] };
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    take(name, { loading, folder, at: { ...named, path: [...named.path, index] } });
  }
  if (own) loading.parts.push(own);
  const pack = merged(loading.parts.map(({ content }) => content));
  if (loading.problems.length === 0) {
    loading.problems.push(...loading.parts.flatMap((part) => unknownReferences(part, pack)));
  }
  return loading.problems.length > 0
    ? { ok: false, problems: loading.problems }
    : { ok: true, pack, names: loading.done };
}

interface Loading {
  problems: Problem[];
  parts: PackPart[];
  /** Folders in the order in which they count. */
  done: string[];
  open: string[];
}

interface Taking {
  loading: Loading;
  folder: string;
  at: { source: YamlSource; path: SettingPath };
}

/** One pack after those it builds on; each once. */
function take(name: string, { loading, folder, at }: Taking): void {
  const complain = (text: string) => loading.problems.push(at.source.problem(at.path, text));
  const path = isFolder(name) ? resolve(folder, name) : join(packFolder, name);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    complain(missing(name, path));
    return;
  }
  if (loading.done.includes(path)) return;
  if (loading.open.includes(path)) {
    complain(`pack "${name}" builds on itself; take it out of one of the extends`);
    return;
  }
  loading.open.push(path);
  const files = readFolder(path, loading.problems);
  for (const { source, file } of files) {
    for (const [index, other] of (file.pack?.extends ?? []).entries()) {
      take(other, { loading, folder: path, at: { source, path: ["pack", "extends", index] } });
    }
  }
  loading.open.pop();
  loading.done.push(path);
  loading.problems.push(...givenTwice(files));
  // A file that could not be read may be the one that names the pack.
  if (files.length === packFiles(path).length) loading.problems.push(...unnamed(path, files));
  loading.parts.push(
    ...files.map(({ source, file: { pack: _, ...content } }) => ({ source, content })),
  );
}

function missing(name: string, path: string): string {
  if (isFolder(name)) {
    return `${path} is no folder; give the path of a pack's folder, from the folder of this file`;
  }
  const known = builtinPacks();
  const near = nearestName(name, known);
  return `there is no pack "${name}"; ${near ? `did you mean ${near}?` : `known: ${known.join(", ")}`} A pack of your own is named by its path, as ./${name}`;
}

interface ReadFile {
  source: YamlSource;
  file: PackFile;
}

function readFolder(path: string, problems: Problem[]): ReadFile[] {
  return packFiles(path).flatMap((name) => {
    const source = readYamlFile(join(path, name));
    if (!source.ok) {
      problems.push(...source.problems);
      return [];
    }
    const read = readSettings(source, packFile);
    if (read.ok) return [{ source, file: read.value }];
    problems.push(...read.problems);
    return [];
  });
}

const packFiles = (path: string): string[] =>
  existsSync(path)
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
    : [];

/** Within one pack an id belongs to one file. */
function givenTwice(files: readonly ReadFile[]): Problem[] {
  const problems: Problem[] = [];
  for (const key of ["kinds", "equipment", "operations"] as const) {
    const first = new Map<string, string>();
    for (const { source, file } of files) {
      for (const id of Object.keys(file[key])) {
        const before = first.get(id);
        if (before === undefined) first.set(id, source.file);
        else {
          const text = `"${id}" stands in ${before} already; remove or rename one`;
          problems.push(source.problem([key, id], text, "key"));
        }
      }
    }
  }
  return problems;
}

/** A folder that is no pack, or one that says twice what it is. */
function unnamed(path: string, files: readonly ReadFile[]): Problem[] {
  const naming = files.filter(({ file }) => file.pack !== undefined);
  if (naming.length === 1) return [];
  const second = naming[1];
  if (second) {
    return [
      second.source.problem(
        ["pack"],
        "another file of this folder says already what the pack is; keep one",
        "key",
      ),
    ];
  }
  const text = `no file in it has "pack: {about: …}"; add one, or name another folder`;
  return [{ file: path, line: 1, column: 1, path: "", text }];
}

/** Later parts count; their lists come first. */
function merged(parts: readonly PlantPack[]): PlantPack {
  return parts.reduce<PlantPack>(
    (all, part) => ({
      kinds: { ...all.kinds, ...part.kinds },
      equipment: { ...all.equipment, ...part.equipment },
      failureModes: [...part.failureModes, ...all.failureModes],
      findings: [...part.findings, ...all.findings],
      operations: { ...all.operations, ...part.operations },
    }),
    emptyPack,
  );
}

/** Packs that come with Weir, by name and in one: for whoever has no site file. */
export function builtinPack(...names: readonly string[]): PlantPack {
  const source = parseYaml("packs", JSON.stringify(names));
  assert(source.ok);
  const loaded = loadPacks({ names, named: { source, path: [] }, folder: packFolder });
  assert(loaded.ok, "a pack that comes with Weir is good");
  return loaded.pack;
}
