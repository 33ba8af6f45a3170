/** The part of the configuration's document that describes connections: each driver's keys, by type. */
import { variants } from "@weir/runtime/setting-variants.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { changedConnectionKeys, connectionKeys } from "../acquisition/driver-keys.ts";

const options = {
  doc: "One bus or network device.",
  key: "type",
  keyDoc: "Protocol.",
} as const;

export const connection = variants(connectionKeys, options);
/** What may be said of a connection from above. */
export const changedConnection = variants(changedConnectionKeys, options);

/** After faults; of one whose type is none only that is known. */
export type ConnectionDraft = DraftOf<typeof connection>;
/** Of one type, or of one of several. */
export type ConnectionDraftOf<Type extends string> = Extract<ConnectionDraft, { type: Type }>;
