/**
 * The cloud's door: what a site pushes is checked, made durable, and only then answered; what goes
 * down is handed out by cursor. The same handler serves gRPC, Connect and JSON (door-server.connect.ts)
 * and callers in this process.
 */
import { create } from "@bufbuild/protobuf";
import {
  type PullRequest,
  type PullResponse,
  PullResponseSchema,
  type PushRequest,
  type PushResponse,
  PushResponseSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { receiptDigest } from "@weir/contracts/receipt.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { noIncarnation } from "@weir/runtime/incarnation.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { DownlinkQueue } from "../downlink/downlink-queue.ts";
import { CloudFault } from "../faults.ts";
import { itemSizeMaxBytes, pullWaitMaxMs, tagTableSizeMaxBytes } from "../limits.ts";
import type { EventLog } from "../log/event-log.ts";
import { encodeItem } from "./item-kind.ts";
import { pushFault } from "./push-validation.ts";

export interface CloudDoorHandler {
  /**
   * `caller`: the site named by the client's certificate.
   * @throws Fault CLOUD_SITE_MISMATCH, CLOUD_PUSH_INVALID
   */
  push(request: PushRequest, caller: string): Promise<PushResponse>;
  /**
   * Answers at once when something waits, else when it comes, `wait_ms` has passed or `signal` aborts.
   * @throws Fault CLOUD_SITE_MISMATCH
   */
  pull(request: PullRequest, caller: string, signal?: AbortSignal): Promise<PullResponse>;
}

export interface IngestCounts {
  itemCount: number;
  bytes: number;
  repeatedCount: number;
}

export interface CloudDoorOptions {
  log: EventLog;
  downlink: DownlinkQueue;
  /** Plant time of arrival. */
  plant: Clock;
  /** Long polls wait on this one. */
  io: Clock;
  /** Lets waiting pulls answer when the process stops. */
  stopping: AbortSignal;
  onSeen?: (site: string) => void;
  /** Where gaps and doubled numbers are told. */
  integrity?: Pick<IntegrityLog, "note">;
}

export function createCloudDoor(options: CloudDoorOptions): {
  handler: CloudDoorHandler;
  counts: IngestCounts;
} {
  const { log, downlink, plant, io, stopping } = options;
  const counts: IngestCounts = { itemCount: 0, bytes: 0, repeatedCount: 0 };

  const handler: CloudDoorHandler = {
    async push(request, caller) {
      checkSite(request.site, caller);
      const why = pushFault(request);
      if (why !== undefined) throw new CloudFault("CLOUD_PUSH_INVALID", { why });
      const items = request.items.map((item) => ({
        sequence: item.sequence,
        kind: item.body.case as string,
        body: encodeItem(item),
        // Of a fog that sends no prints none is zero by chance more often than once in 2^32.
        print: item.print === 0 ? undefined : item.print,
      }));
      const mostBytes = (kind: string) =>
        kind === "tags" ? tagTableSizeMaxBytes : itemSizeMaxBytes;
      const large = items.find(({ kind, body }) => body.length > mostBytes(kind));
      if (large) {
        throw new CloudFault("CLOUD_PUSH_INVALID", {
          why: `item ${large.sequence} has ${large.body.length} bytes, at most ${mostBytes(large.kind)}`,
        });
      }
      const { site: source, epoch, incarnation, previous, lost } = request;
      const place = incarnation === noIncarnation ? {} : { incarnation, previous, lost };
      const appended = await log.append({ source, epoch, ...place, items, atMs: plant.nowMs() });
      for (const finding of appended.findings) options.integrity?.note(finding);
      options.onSeen?.(request.site);
      const { durableSequence, missingAfter } = appended;
      if (missingAfter) return create(PushResponseSchema, { epoch, incarnation, missingAfter });
      counts.itemCount += appended.appendedCount;
      counts.repeatedCount += items.length - appended.appendedCount;
      for (const item of items) counts.bytes += item.body.length;
      if (incarnation === noIncarnation)
        return create(PushResponseSchema, { epoch, durableSequence });
      const digest = receiptDigest(request.items);
      return create(PushResponseSchema, { epoch, durableSequence, incarnation, digest });
    },

    async pull(request, caller, signal) {
      checkSite(request.site, caller);
      options.onSeen?.(request.site);
      const ended = signal ? AbortSignal.any([signal, stopping]) : stopping;
      const deadlineMs = io.monotonicMs() + Math.min(request.waitMs, pullWaitMaxMs);
      for (;;) {
        const items = downlink.after(request.site, request.cursor);
        const leftMs = deadlineMs - io.monotonicMs();
        if (items.length > 0 || leftMs <= 0 || ended.aborted) {
          return create(PullResponseSchema, { items });
        }
        await downlink.changed(request.site, { withinMs: leftMs, clock: io, signal: ended });
      }
    },
  };
  return { handler, counts };
}

function checkSite(site: string, caller: string): void {
  if (site !== caller) throw new CloudFault("CLOUD_SITE_MISMATCH", { certificate: caller, site });
}
