/** The tag table as the birth announces it. */

import { elementAt } from "@weir/contracts/elements.ts";
import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Notice } from "../hand-over.ts";
import { brokersPlan } from "../mqtt/brokers-plan.ts";

const policies = {
  all: FilterPolicy.ALL,
  thin: FilterPolicy.THIN,
  summary: FilterPolicy.SUMMARY,
};

export function tagTable(configuration: Configuration): Notice & { kind: "tags" } {
  const { tags, devices, sha256, site } = configuration;
  return {
    kind: "tags",
    configSha256: sha256,
    zone: site.tz,
    brokers: brokersPlan(configuration),
    tags: tags.map((tag) => ({
      index: tag.index,
      id: tag.id,
      device: elementAt(devices, tag.device).id,
      name: tag.name,
      stage: tag.stage,
      kind: tag.kind,
      unit: tag.unit,
      assetPath: tag.assetPath,
      resolution: tag.resolution,
      periodMs: tag.periodMs,
      min: tag.min,
      max: tag.max,
      policy: policies[tag.policy],
      ...(tag.limits.hardLow === undefined ? {} : { hardLow: tag.limits.hardLow }),
      ...(tag.limits.hardHigh === undefined ? {} : { hardHigh: tag.limits.hardHigh }),
    })),
  };
}
