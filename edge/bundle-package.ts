/**
 * What npm needs to put the compiled packages beside a bundle: a package.json, and a lock with the same
 * versions and hashes as the repository's own. They come with parts built for every system, so nothing is
 * compiled on the gateway, and no script of a package runs there.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface LockedPackage {
  version: string;
  dependencies?: Readonly<Record<string, string>>;
  [field: string]: unknown;
}

type Locked = Readonly<Record<string, LockedPackage>>;

export interface BundlePackage {
  "package.json": string;
  "package-lock.json": string;
}

/** `externals`: packages that are not in the bundle. */
export async function bundlePackage(externals: readonly string[]): Promise<BundlePackage> {
  const read = async (path: string) =>
    JSON.parse(await readFile(join(import.meta.dirname, path), "utf8"));
  const { version, license } = await read("package.json");
  const { lockfileVersion, packages } = await read("../package-lock.json");
  const locked = packages as Locked;
  const versionOf = (name: string) => locked[`node_modules/${name}`]?.version;
  const own = {
    name: "weir-edge",
    version,
    license,
    type: "module",
    bin: { "weir-edge": "weir-edge.js" },
    engines: { node: ">=24" },
    dependencies: Object.fromEntries(externals.map((name) => [name, versionOf(name)])),
  };
  const scripts = Object.fromEntries(externals.map((name) => [name, false]));
  const lock = {
    name: own.name,
    version,
    lockfileVersion,
    requires: true,
    packages: { "": own, ...closure(locked, externals) },
  };
  const text = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "package.json": text({ private: true, ...own, allowScripts: scripts }),
    "package-lock.json": text(lock),
  };
}

/** The packages and all they need, at the paths where the lock has them. */
function closure(locked: Locked, names: readonly string[]): Locked {
  const found = new Map<string, LockedPackage>();
  const add = (name: string, from: string) => {
    const path = resolve(locked, name, from);
    if (found.has(path)) return;
    const entry = locked[path] as LockedPackage;
    found.set(path, entry);
    for (const needed of Object.keys(entry.dependencies ?? {})) add(needed, path);
  };
  for (const name of names) add(name, "");
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As Node looks for `name` from the package at `from`: in its own folder, then in those above. */
function resolve(locked: Locked, name: string, from: string): string {
  const path = from === "" ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (locked[path]) return path;
  const above = from.lastIndexOf("/node_modules/");
  assert(from !== "", `package-lock.json has no ${name}`);
  return resolve(locked, name, above === -1 ? "" : from.slice(0, above));
}
