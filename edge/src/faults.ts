/** The operating errors of the edge agent. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  EDGE_NOT_RUNNING: {
    retry: true,
    text: (f: { dataDir: string; why: string }) =>
      `no edge answers for ${f.dataDir} (${f.why}); start one with "weir-edge run", or name its folder with --data-dir`,
  },
  EDGE_SILENT: {
    retry: true,
    text: (f: { url: string; withinMs: number }) =>
      `the edge at ${f.url} has not answered for ${Math.round(f.withinMs / 1_000)} s: it hangs, or its machine is too busy; look at its process and its log before you start another`,
  },
  EDGE_NO_ADDRESS: {
    retry: false,
    text: (f: { url: string }) => `"${f.url}" is no address; write one as http://127.0.0.1:8081`,
  },
  EDGE_NO_TOKEN: {
    retry: false,
    text: (f: { dataDir: string; why: string }) =>
      `the agent takes orders of its own user only: ${f.why}; run this as the user of ${f.dataDir}`,
  },
  EDGE_ORDER_REFUSED: {
    retry: false,
    text: (f: { status: number; why: string }) => `the agent refused the order: ${f.why}`,
  },
  EDGE_RECORDING_UNREADABLE: {
    retry: false,
    text: (f: { file: string; line: number; why: string }) => `${f.file}:${f.line}  ${f.why}`,
  },
  EDGE_STATUS_PORT: {
    retry: true,
    text: (f: { host: string; port: number; why: string }) =>
      `the status page cannot listen on ${f.host}:${f.port}: ${f.why}; choose another --status-port, 0 for a free one`,
  },
  EDGE_LEDGER_BROKEN: {
    retry: false,
    text: (f: {
      acquired: number;
      delivered: number;
      thinned: number;
      dropped: number;
      pending: number;
    }) =>
      `the outbox's counts do not add up: acquired ${f.acquired}, but delivered ${f.delivered} + thinned ${f.thinned} + dropped ${f.dropped} + pending ${f.pending}; the file was damaged or changed from outside`,
  },
  EDGE_UPLINK_SILENT: {
    retry: true,
    text: (f: { silentMs: number }) =>
      `the uplink thread has not moved for ${Math.round(f.silentMs / 1_000)} s`,
  },
  EDGE_LINK_REFUSED: {
    retry: true,
    text: (f: { why: string }) => f.why,
  },
  EDGE_LINK_TURNED_AWAY: {
    retry: true,
    text: (f: { why: string }) => f.why,
  },
  EDGE_LINK_SILENT: {
    retry: true,
    text: (f: { silentMs: number }) =>
      `the fog is connected but has acknowledged nothing for ${Math.round(f.silentMs / 1_000)} s; is its disk full?`,
  },
  EDGE_LINK_CLOSED: {
    retry: true,
    text: (f: { why: string }) => f.why,
  },
  EDGE_NO_UPLINK: {
    retry: false,
    text: () =>
      'the configuration names no fog; add "uplink: {url: mqtts://host:8883, identity: DIR}" to send readings to one',
  },
  EDGE_IDENTITY: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `the identity folder is not usable: ${f.file}: ${f.why}; get one with "weir-fog enrol-edge <edge> --out DIR" and name it as uplink.identity`,
  },
  EDGE_IDENTITY_OTHER: {
    retry: false,
    text: (f: { what: string; given: string; own: string; file: string }) =>
      `${f.file} is the identity of ${f.what} "${f.given}", this configuration is of "${f.own}"; use the folder that was made for it`,
  },
} satisfies FaultCatalogue;

export type EdgeFaultCode = keyof typeof faults;

export const EdgeFault = faultClass(faults);
