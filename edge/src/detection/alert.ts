/** What a rule says when it raises or ends an alert. */
import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";

export { AlertRule };

export interface AlertChange {
  rule: AlertRule;
  tag: number;
  isActive: boolean;
  value: number;
  /** In the rule's own measure. */
  score: number;
  threshold: number;
}

export type RaiseAlert = (change: AlertChange) => void;
