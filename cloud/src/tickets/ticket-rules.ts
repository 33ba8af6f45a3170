/** From what has changed at a stage to how it fails: the first failure mode of its packs whose signs are there. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import type { ChannelSign, FailureMode } from "@weir/contracts/plant-pack.ts";
import type { Catalogue } from "@weir/plants/catalogue.ts";
import type { SiteTagInfo } from "../historian/tag-table.ts";
import { hourMs } from "../limits.ts";

/** One channel of an abnormal stage: what it read before, what it reads now. */
export interface ChannelChange {
  tag: SiteTagInfo;
  /** Of the stage's score, 0…1. */
  share: number;
  usual: number;
  now: number;
  /** How many usual spreads of its hours lie between the two. */
  distance: number;
}

export interface StageFacts {
  /** In the site's words. */
  equipment: string;
  /** Largest share first. */
  channels: readonly ChannelChange[];
}

/** What is told where no pack knows better. */
const plainMode: FailureMode = {
  code: "PDE",
  mechanism: "not known yet",
  headline: "stage no longer behaves as learned",
  because: "Its sensors no longer fit together as they did while the model was learned.",
  when: [],
  priority: "P3",
  dueHours: 5 * 24,
  actions: [
    "Look at the trends of the named sensors",
    "Walk down the stage",
    "Compare the named sensors with a second instrument or a sample",
  ],
  parts: [],
  safety: "",
};

export function failureModeFor(facts: StageFacts, catalogue: Catalogue): FailureMode {
  const own = catalogue.equipmentClass(facts.equipment)?.equipment.failureModes ?? [];
  const modes = [...own, ...catalogue.pack.failureModes];
  return modes.find(({ when }) => when.length === 0 || isAny(when, facts)) ?? plainMode;
}

/** How urgent it is with these facts. */
export function urgencyOf(
  { priority, dueHours, urgent }: FailureMode,
  facts: StageFacts,
): { priority: TicketView["priority"]; policyMs: number } {
  const counts = urgent && isAny(urgent.when, facts) ? urgent : { priority, dueHours };
  return { priority: counts.priority, policyMs: counts.dueHours * hourMs };
}

const isAny = (signs: readonly ChannelSign[], { channels }: StageFacts): boolean =>
  signs.some((sign) => channels.some((channel) => shows(channel, sign)));

function shows({ tag, share, usual, now }: ChannelChange, sign: ChannelSign): boolean {
  if (sign.kinds.length > 0 && !sign.kinds.includes(tag.kind)) return false;
  if (share < sign.share) return false;
  if (sign.way === "up" && !(now > usual)) return false;
  if (sign.way === "down" && !(now < usual)) return false;
  if (
    sign.times !== undefined &&
    !isTimes(sign.times, sign.way === "down" ? [now, usual] : [usual, now])
  )
    return false;
  return !sign.limited || tag.hardLow != null || tag.hardHigh != null;
}

const isTimes = (times: number, [less, more]: [number, number]): boolean => more > times * less;
