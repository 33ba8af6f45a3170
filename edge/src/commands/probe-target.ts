/** What is probed, and over which way. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { BusMaster, BusMasterOptions } from "../acquisition/bus-master.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import { channelOf } from "../acquisition/connection-types.ts";
import { createMaster } from "../acquisition/modbus/create-master.ts";
import { networkText } from "../acquisition/network-text.ts";
import {
  type Configuration,
  type Place,
  portText,
  type TagSettings,
} from "../configuration/configuration.ts";
import type { Expectation } from "./probe-candidates.ts";

export interface ProbeTarget {
  /** For the eye: "10.0.8.11:502". */
  way: string;
  create: (bus: BusMasterOptions) => BusMaster;
  unit: number;
  place: Place;
  timeoutMs: number;
  expected: Expectation;
  /** What the configuration says now, to mark it. */
  configured?: { type: string; order: string };
}

export interface ProbePorts {
  open: OpenChannel;
  ioClock: Clock;
  random: Random;
}

/** A line that somebody else has is told as that: two masters on one line answer each other's questions. */
export function failureText(way: string, reason: string): string {
  const isHeld = way.startsWith("/") && /lock|busy|temporarily unavailable/i.test(reason);
  if (!isHeld) return networkText(reason) ?? reason;
  return "the line is held by another program, most likely by the running agent; stop that one first (two masters on one line answer each other's questions), or look at its status page";
}

export function tagTarget(
  { devices, connections }: Configuration,
  tag: TagSettings,
  shown?: number,
): ProbeTarget & { open: OpenChannel } {
  const device = elementAt(devices, tag.device);
  const connection = elementAt(connections, device.connection);
  return {
    way: portText(connection.port),
    create: (bus) => createMaster(connection, bus),
    open: channelOf(connection),
    timeoutMs: connection.timeoutMs,
    unit: device.unit,
    place: present(tag.place),
    expected: {
      min: tag.min,
      max: tag.max,
      scale: tag.scale,
      offset: tag.offset,
      areFloatsScaled: tag.type.startsWith("float"),
      ...(shown === undefined ? {} : { shown }),
    },
    configured: { type: tag.type, order: tag.byteOrder },
  };
}
