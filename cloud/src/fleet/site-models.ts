/** Descriptions of sites as they came, read once each; a pack that is damaged or missing costs its words and no more. */
import type { SiteModel } from "@weir/contracts/site.ts";
import { plantPack } from "@weir/plants/pack-settings.ts";
import { readSettingsText } from "@weir/runtime/settings.ts";

export interface KnownSite {
  model: SiteModel;
  /** Why kinds and equipment are told in plain words; "" where the site's packs are used. */
  packNote: string;
}

export interface SiteModels {
  /** `text`: the stored JSON; the same text gives the same object. */
  read(site: string, text: string | null | undefined): KnownSite | undefined;
}

export function createSiteModels(): SiteModels {
  const known = new Map<string, KnownSite & { text: string }>();
  return {
    read(site, text) {
      if (!text) return undefined;
      const before = known.get(site);
      if (before?.text === text) return before;
      const read = { ...readModel(text), text };
      known.set(site, read);
      return read;
    },
  };
}

function readModel(text: string): KnownSite {
  const { pack, ...model } = JSON.parse(text) as SiteModel;
  if (pack === undefined) {
    const packNote =
      model.packs === undefined
        ? "its fog sends no plant packs: kinds and equipment are told in plain words"
        : "";
    return { model, packNote };
  }
  const read = readSettingsText(JSON.stringify(pack), plantPack, "pack");
  if (read.ok) return { model: { ...model, pack: read.value }, packNote: "" };
  const [first] = read.problems;
  return {
    model,
    packNote: `the plant pack it sent cannot be read (${first?.path}: ${first?.text}): kinds and equipment are told in plain words`,
  };
}
