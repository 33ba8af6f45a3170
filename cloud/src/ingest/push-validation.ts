/** What a push must be before anything of it is stored. Pure. */
import type { PushRequest, UplinkItem } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { isId } from "@weir/contracts/topics.ts";
import { itemSizeMaxBytes, pushItemCountMax, siteTagCountMax } from "../limits.ts";

/** All that is wrong with `request` in one sentence, or `undefined`. */
export function pushFault(request: PushRequest): string | undefined {
  if (!isId(request.site)) return `"${request.site}" is not a site id`;
  if (request.epoch < 1) return `epoch ${request.epoch} is below 1`;
  if (request.items.length > pushItemCountMax) {
    return `${request.items.length} items, at most ${pushItemCountMax} travel at once`;
  }
  let last = 0;
  for (const item of request.items) {
    if (item.sequence <= last) {
      return `sequence ${item.sequence} after ${last}; sequences count up from 1`;
    }
    last = item.sequence;
    const why = itemFault(item, request.site);
    if (why !== undefined) return `item ${item.sequence}: ${why}`;
  }
  return undefined;
}

function itemFault({ body }: UplinkItem, site: string): string | undefined {
  switch (body.case) {
    case undefined:
      return "it has no body this cloud knows; a newer fog needs a newer cloud";
    case "tags":
      return body.value.tags.length > siteTagCountMax
        ? `${body.value.tags.length} tags, at most ${siteTagCountMax}`
        : undefined;
    case "minute":
      if (!Number.isFinite(body.value.minuteMs)) return "minute_ms is not a time";
      return body.value.block.length > itemSizeMaxBytes
        ? `a block of ${body.value.block.length} bytes, at most ${itemSizeMaxBytes}`
        : undefined;
    case "incident":
      return body.value.site !== "" && body.value.site !== site
        ? `an incident of site "${body.value.site}"`
        : undefined;
    default:
      return undefined;
  }
}
