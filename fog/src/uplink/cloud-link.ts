/** The way to the cloud. One adapter: cloud-link.connect.ts. */
import type {
  PullRequest,
  PullResponse,
  PushRequest,
  PushResponse,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";

export interface CloudLink {
  /** Rejects when the cloud cannot be reached or refuses. */
  push(request: PushRequest, signal: AbortSignal): Promise<PushResponse>;
  /** Long poll: answers when something is there, or after `request.waitMs`. */
  pull(request: PullRequest, signal: AbortSignal): Promise<PullResponse>;
  close(): void;
}
