/** The line of an edge whose configuration names no fog: it never connects. Readings are kept up to the quota. */
import { Fault } from "@weir/runtime/fault.ts";
import "./faults.ts";
import type { MqttLink } from "./mqtt-link.ts";

export const noLink: MqttLink = {
  connect: () => Promise.reject(new Fault("EDGE_NO_UPLINK")),
  subscribe: () => Promise.reject(new Fault("EDGE_NO_UPLINK")),
  publish: () => Promise.reject(new Fault("EDGE_NO_UPLINK")),
  onMessage: () => {},
  onLost: () => {},
  close: async () => {},
};
