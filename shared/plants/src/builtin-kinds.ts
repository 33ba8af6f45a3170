/** Every kind that a pack of Weir's own describes: for an agent that does not know its site's packs. */

import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSettingsFile } from "@weir/runtime/settings.ts";
import { Catalogue, emptyPack } from "./catalogue.ts";
import { builtinPacks, packFolder } from "./load-packs.ts";
import { packFile } from "./pack-settings.ts";

let made: Catalogue | undefined;

/**
 * Kinds alone, read once. The general pack counts least, so that a special one's word for the same
 * kind is the one that is told.
 */
export function builtinKinds(): Catalogue {
  made ??= new Catalogue({ ...emptyPack, kinds: Object.assign({}, ...inOrder().map(kindsOf)) });
  return made;
}

const inOrder = (): string[] =>
  builtinPacks().sort((a, b) => Number(b === "general") - Number(a === "general"));

function kindsOf(name: string): Catalogue["pack"]["kinds"] {
  const file = join(packFolder, name, "kinds.yaml");
  if (!existsSync(file)) return {};
  const read = readSettingsFile(file, packFile);
  assert(read.ok, "a pack that comes with Weir is good");
  return read.value.kinds;
}
