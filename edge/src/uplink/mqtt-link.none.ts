/** The line of an edge whose configuration names no fog: it never connects. Readings are kept up to the quota. */
import { EdgeFault } from "../faults.ts";
import type { MqttLink } from "./mqtt-link.ts";

export const noLink: MqttLink = {
  connect: () => Promise.reject(new EdgeFault("EDGE_NO_UPLINK")),
  subscribe: () => Promise.reject(new EdgeFault("EDGE_NO_UPLINK")),
  publish: () => Promise.reject(new EdgeFault("EDGE_NO_UPLINK")),
  onMessage: () => {},
  onLost: () => {},
  close: async () => {},
};
