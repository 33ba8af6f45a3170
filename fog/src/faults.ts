/** The operating errors of the fog gateway. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  FOG_SETTINGS: { retry: false, text: (f: { text: string }) => f.text },
  FOG_INIT: { retry: false, text: (f: { text: string }) => f.text },
  FOG_SILENT: {
    retry: true,
    text: (f: { dataDir: string; answerWithinMs: number }) =>
      `the fog of ${f.dataDir} has not answered for ${f.answerWithinMs / 1_000} s: it hangs, or its machine is too busy; look at its process and its log before you start another`,
  },
  FOG_NOT_RUNNING: {
    retry: true,
    text: (f: { dataDir: string; why: string }) =>
      `no fog answers for ${f.dataDir} (${f.why}); start it with "weir-fog run"`,
  },
  FOG_PORT: {
    retry: true,
    text: (f: { what: string; host: string; port: number; why: string }) =>
      `${f.what} cannot listen on ${f.host}:${f.port}: ${f.why}; choose another port in fog.yaml or stop the program that has it`,
  },
  FOG_STORE: {
    retry: true,
    text: (f: { why: string }) =>
      `the message could not be stored (${f.why}); it was not acknowledged and will come again`,
  },
  FOG_WAITING_FULL: {
    retry: true,
    text: (f: { edge: string; limit: number }) =>
      `${f.limit} batches of ${f.edge} wait for its birth already; no more are taken until it comes`,
  },
  FOG_HISTORY_BEHIND: {
    retry: true,
    text: (f: { edge: string }) =>
      `history is written more slowly than it comes: a large batch of ${f.edge} must come again later`,
  },
  FOG_DOOR_REFUSED: {
    retry: false,
    text: (f: { why: string }) => `refused at the door: ${f.why}`,
  },
  FOG_EDGE_OFFLINE: {
    retry: true,
    text: (f: { edge: string }) => `${f.edge} is not connected; nothing was sent`,
  },
  FOG_EDGE_SILENT: {
    retry: true,
    text: (f: { edge: string; timeoutMs: number }) =>
      `${f.edge} did not answer within ${f.timeoutMs / 1_000} s; whether the command took effect is not known`,
  },
  FOG_EDGE_ID: {
    retry: false,
    text: (f: { edge: string }) =>
      `"${f.edge}" is not an edge id: 1 to 63 lower-case letters, digits and dashes, opening with a letter or digit`,
  },
  FOG_ALREADY_ENROLLED: {
    retry: false,
    text: (f: { dir: string; file: string }) =>
      `${f.dir} already holds ${f.file}; choose an empty folder, identities are never overwritten`,
  },
  FOG_NOT_ENROLLED: {
    retry: false,
    text: (f: { edge: string; known: string }) =>
      `no edge "${f.edge}" has been enrolled here; enrolled: ${f.known || "none"}`,
  },
  FOG_AUTHORITY: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `the site's certificate authority cannot be read: ${f.file}: ${f.why}; restore it from a copy, every edge's identity hangs on it`,
  },
  FOG_AUTHORITY_OTHER: {
    retry: false,
    text: (f: { file: string; named: string; site: string }) =>
      `${f.file} is the certificate authority of site ${f.named}, the site file says ${f.site}; use the data folder of ${f.site}, or mend the site file`,
  },
  FOG_ENROLMENT_LOST: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `the list of issued and revoked certificates ${f.file} cannot be used (${f.why}), so no edge is let in; restore it with "weir-fog restore". Without a backup move it aside and enrol every edge again`,
  },
  FOG_AUTHORITY_LOST: {
    retry: false,
    text: (f: { folder: string; broken?: { file: string; why: string } }) => {
      const { folder, broken } = f;
      const what = broken
        ? `cannot be read: ${broken.file}: ${broken.why}; and`
        : `is gone (${folder}) though`;
      return `the site's certificate authority ${what} this fog has served edges: no edge can be enrolled or let in, and another authority is not made in its place. Put it back with "weir-fog restore" from a backup made with --with-secrets; only if there is none, move the fog's data folder away and enrol every edge anew`;
    },
  },
  FOG_CLOUD_IDENTITY: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `the cloud identity is unusable: ${f.file}: ${f.why}; make it with "weir-cloud enrol-site <site> --out DIR"`,
  },
  FOG_IMPORT: {
    retry: false,
    text: (f: { file: string; why: string }) => `${f.file} cannot be imported: ${f.why}`,
  },
  FOG_SCORER_ENDED: {
    retry: true,
    text: (f: { reason: string }) => `the scoring thread failed: ${f.reason}`,
  },
  FOG_HISTORY_BUSY: {
    retry: true,
    text: (f: { waiting: number; waitMs: number }) =>
      `${f.waiting} questions about the past wait already; ask again in ${f.waitMs / 1_000} seconds`,
  },
  FOG_HISTORY_SILENT: {
    retry: true,
    text: (f: { why: string }) => `the past could not be read: ${f.why}; ask again`,
  },
} satisfies FaultCatalogue;

export const FogFault = faultClass(faults);
