/** The part of the configuration's document that describes devices, their tags and profiles. */
import { choice } from "@weir/runtime/setting-kinds.ts";
import { map, object, optional, partial, required } from "@weir/runtime/setting-tables.ts";
import type { DraftOf, Setting } from "@weir/runtime/settings.ts";
import { deviceKeys } from "../acquisition/driver-keys.ts";
import { lineDeviceKeys } from "../acquisition/line/line-keys.ts";
import { sdi12DeviceKeys } from "../acquisition/sdi12/sdi12-keys.ts";
import { ne107 } from "./configuration.ts";
import { changedTagTable, tagTable } from "./document-tag.ts";
import {
  byId,
  byNumber,
  byteOrder,
  deviceQuirks,
  entriesMax,
  id,
  place,
  unit,
  words,
} from "./document-words.ts";

const status = object(
  {
    read: place('The status register, or "field st" in a line.'),
    bits: optional(
      byNumber(choice(ne107, { doc: "NE 107 state." }), "Meaning of each bit by NAMUR NE 107."),
    ),
    words: optional(
      map(choice(["good", ...ne107], { doc: "good, or a NE 107 state." }), {
        doc: "Meaning of each word of a status field, by NAMUR NE 107.",
        key: /^[\x21-\x7e]{1,40}$/,
        keyForm: "a word without blanks",
        max: entriesMax,
      }),
    ),
  },
  { doc: "A status word that accompanies the values." },
);
export type StatusDraft = DraftOf<typeof status>;

/** A file that devices share. */
export const profileDocument = object(
  {
    profile: id("Name of the profile."),
    version: optional(words("Version of the profile.")),
    about: optional(words("What it describes, in one line.")),
    source: optional(words("Where the registers come from, and what is not certain.")),
    line: optional(
      words("How the device is wired and set as delivered, as RTU 19200 8N1, unit 247."),
    ),
    byteOrder,
    ...deviceQuirks,
    ...lineDeviceKeys,
    ...sdi12DeviceKeys,
    status: optional(status),
    tags: required(byId(partial(tagTable), "Tags by name.")),
  },
  { doc: "Registers of a kind of device, for many instances." },
);
export type ProfileDraft = DraftOf<typeof profileDocument>;

function deviceTable<T, Draft>(tag: Setting<T, Draft>) {
  return object(
    {
      id: id("Unique on this edge."),
      stage: optional(id("Stage of the process; the device's id by default.")),
      asset: optional(words('Place in the plant, as "A/TANK1"; the stage by default.')),
      connection: id("One of `connections`."),
      unit,
      profile: optional(words("Path of a profile, from this file's folder.")),
      byteOrder,
      ...deviceQuirks,
      ...deviceKeys,
      status: optional(status),
      tags: byId(tag, "Tags by name; keys given here replace the profile's."),
    },
    { doc: "One device on a connection." },
  );
}

export const device = deviceTable(partial(tagTable));
/** What may be said of a device from above. */
export const changedDevice = deviceTable(changedTagTable);

export type DeviceDraft = DraftOf<typeof device>;
