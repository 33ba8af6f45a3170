/** A tag table as the control thread announced it, with what the uplink derives from it. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { FilterPolicy, type TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { defaultZone } from "@weir/contracts/site-time.ts";
import { Gather } from "./gather.ts";
import { Thinner } from "./thin.ts";

export interface TagTable {
  tags: MessageInitShape<typeof TagSchema>[];
  configSha256: string;
  /** IANA zone of the site's clock. */
  zone: string;
  /** Counts tables within the epoch, from 1. */
  revision: number;
  dictionary: BlockDictionary;
  gather: Gather;
  thinner: Thinner;
  indexById: ReadonlyMap<string, number>;
}

export function makeTagTable(
  notice: { tags: TagTable["tags"]; configSha256: string; zone?: string },
  revision: number,
): TagTable {
  const { tags, configSha256, zone = defaultZone } = notice;
  return {
    tags,
    configSha256,
    zone,
    revision,
    dictionary: makeDictionary(
      tags.map((tag) => ({ resolution: tag.resolution ?? 0, periodMs: tag.periodMs ?? 0 })),
    ),
    gather: new Gather(tags.length),
    thinner: new Thinner(tags.map((tag) => tag.policy ?? FilterPolicy.ALL)),
    indexById: new Map(tags.map((tag, index) => [tag.id ?? "", index])),
  };
}
