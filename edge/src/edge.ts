/**
 * A whole edge in one process and on one thread, from its ports: what simulations build, kill and build
 * again on the same files. main.ts runs the same halves on threads of their own.
 */
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { agentVersion } from "./agent-version.ts";
import type { Control, ControlOptions } from "./control/control-loop.ts";
import { createLiveControl } from "./control/live-control.ts";
import type { Notice } from "./hand-over.ts";
import { Uplink, type UplinkOptions } from "./uplink/uplink.ts";
import { defaultUplinkSettings, type UplinkSettings } from "./uplink-settings.ts";

export type EdgeOptions = Pick<ControlOptions, "configuration" | "channelFor" | "latchStore"> &
  Pick<UplinkOptions, "ioClock" | "random" | "logger" | "db" | "line" | "trusted"> &
  Partial<
    Pick<
      UplinkOptions,
      "onReport" | "freeDiskBytes" | "firstEpoch" | "incarnation" | "agentVersion"
    >
  > & {
    /** Plant time. */
    clock: UplinkOptions["plantClock"];
    settings?: Partial<UplinkSettings>;
    /** Where what detection has learned outlives the process. */
    learnedStore?: { load(): Uint8Array | undefined; save(bytes: Uint8Array): void };
  };

export interface Edge {
  readonly control: Control;
  /** The running uplink half; another one after `restartUplink`. */
  readonly uplink: Uplink;
  start(): void;
  /** Orderly: the last readings are committed, the fog is told. The database stays open. */
  stop(): Promise<void>;
  /** As kill -9: nothing is written, nobody is told, nothing runs on. */
  kill(): void;
  /** The uplink falls and is built again on the same database, while control runs on. */
  restartUplink(): void;
}

/** `db`: opened with `edgeMigrations`; the caller closes it. Nothing runs before `start`. */
export function createEdge(options: EdgeOptions): Edge {
  const { configuration, clock, db } = options;
  let toUplink: (notice: Notice) => void = () => {};
  let tags: Notice | undefined;
  const control = createLiveControl({
    ...options,
    learned: options.learnedStore?.load(),
    notify: (notice) => {
      if (notice.kind === "learned") {
        options.learnedStore?.save(notice.bytes);
        return;
      }
      if (notice.kind === "tags") tags = notice;
      toUplink(notice);
    },
  });
  const build = (): Uplink =>
    new Uplink({
      agentVersion,
      ...options,
      settings: { ...defaultUplinkSettings, reserveBytes: 0, ...options.settings },
      site: configuration.site.id,
      edge: configuration.edge,
      url: configuration.uplink?.url ?? "",
      plantClock: clock,
      audit: openAuditLog(db, () => clock.nowMs()),
      control: {
        onNotice: (listener) => {
          toUplink = listener;
        },
        order: (order) => control.order(order),
      },
    });
  let uplink = build();
  return {
    control,
    get uplink() {
      return uplink;
    },
    start: () => {
      uplink.start();
      control.start();
    },
    stop: async () => {
      control.stop();
      await uplink.stop();
    },
    kill: () => {
      control.kill();
      uplink.abandon();
    },
    restartUplink: () => {
      uplink.abandon();
      uplink = build();
      uplink.start();
      if (tags) toUplink(tags);
    },
  };
}
