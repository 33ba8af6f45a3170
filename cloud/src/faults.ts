/** The operating errors of the cloud. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  CLOUD_PUSH_INVALID: {
    retry: false,
    text: (f: { why: string }) => `the push is refused: ${f.why}`,
  },
  CLOUD_SITE_MISMATCH: {
    retry: false,
    text: (f: { certificate: string; site: string }) =>
      `a client with the certificate of "${f.certificate}" may not speak for site "${f.site}"`,
  },
  CLOUD_PARQUET_READ: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `${f.file} cannot be imported: ${f.why}; expected Parquet with columns tag, at_ms, n, mean, min, max, sd, slope_per_s`,
  },
  CLOUD_SITE_ID: {
    retry: false,
    text: (f: { site: string }) =>
      `"${f.site}" is not a site id; use lower-case letters, digits and dashes, at most 63`,
  },
  CLOUD_SITE_NOT_ENROLLED: {
    retry: false,
    text: (f: { site: string; known: string }) =>
      `no site "${f.site}" has been enrolled here; enrolled: ${f.known || "none"}`,
  },
  CLOUD_KEY_UNREADABLE: {
    retry: false,
    text: (f: { file: string; why: string; remedy: string }) =>
      `${f.file} cannot be used (${f.why.split("\n")[0]}); ${f.remedy}`,
  },
  CLOUD_STORE_DAMAGED: {
    retry: false,
    text: (f: { file: string; why: string; holds: string }) =>
      `${f.file} is damaged (${f.why}), and with it ${f.holds}; restore a backup with "weir-cloud restore". Nothing was changed`,
  },
  CLOUD_STORE_LOST: {
    retry: false,
    text: (f: { file: string; folder: string; count: number }) =>
      `${f.file} is not there or empty, but ${f.folder} holds ${f.count} files of history; restore it from a copy, or move that folder away and take its files in again with "weir-cloud import"`,
  },
  CLOUD_REVOCATIONS: {
    retry: false,
    text: (f: { file: string; lines: string }) =>
      `${f.file} does not say who is revoked in ${f.lines}; a line holds a serial number in hex, or "site <id> <time>", or begins with "#"`,
  },
  CLOUD_NO_HISTORY: {
    retry: true,
    text: (f: { subject: string; found: number; needed: number; unit: string }) =>
      `${f.subject}: ${f.found} ${f.unit} of history, at least ${f.needed} are needed; import older history or wait`,
  },
  CLOUD_TRAINING_QUEUE_FULL: {
    retry: true,
    text: (f: { count: number }) => `${f.count} training jobs are waiting, the most there may be`,
  },
  CLOUD_TRAINING_STOPPED: {
    retry: true,
    text: (f: { why: string }) => `training stopped: ${f.why}`,
  },
  CLOUD_MODEL_UNKNOWN: {
    retry: false,
    text: (f: { name: string; version: number }) => `there is no model ${f.name}@${f.version}`,
  },
  CLOUD_MODEL_UNREADABLE: {
    retry: false,
    text: (f: { why: string }) => `the model cannot be read: ${f.why}`,
  },
  CLOUD_MODEL_TOO_LARGE: {
    retry: false,
    text: (f: { name: string; sizeBytes: number; maxBytes: number }) =>
      `the payload of ${f.name} has ${f.sizeBytes} bytes, at most ${f.maxBytes} travel`,
  },
  CLOUD_PAYLOAD_DAMAGED: {
    retry: false,
    text: (f: { file: string }) =>
      `${f.file} is not the payload that was registered; restore it from a copy or train again`,
  },
  CLOUD_TICKET_UNKNOWN: {
    retry: false,
    text: (f: { id: string }) => `there is no ticket ${f.id}`,
  },
  CLOUD_TICKET_TRANSITION: {
    retry: false,
    text: (f: { id: string; from: string; to: string; allowed: string }) =>
      `ticket ${f.id} is ${f.from}; it cannot become ${f.to} (allowed: ${f.allowed})`,
  },
  CLOUD_TICKET_CLOSE_CODE: {
    retry: false,
    text: (f: { codes: string }) => `closing a ticket needs a close code: ${f.codes}`,
  },
  CLOUD_TICKET_UNCHANGED: {
    retry: false,
    text: (f: { id: string; code: string }) =>
      `ticket ${f.id} is closed as ${f.code} already, with these notes; choose another outcome, or open it again`,
  },
  CLOUD_SINK_REFUSED: {
    retry: true,
    text: (f: { sink: string; why: string }) => `${f.sink} did not take the ticket: ${f.why}`,
  },
  CLOUD_SILENT: {
    retry: true,
    text: (f: { dataDir: string; answerMsMax: number }) =>
      `the cloud of ${f.dataDir} has not answered for ${f.answerMsMax / 1_000} s: it hangs, or its machine is too busy; look at its process and its log before you start another`,
  },
  CLOUD_NOT_RUNNING: {
    retry: true,
    text: (f: { dataDir: string; why: string }) =>
      `no weir-cloud answers for ${f.dataDir} (${f.why}); start one with "weir-cloud run --data-dir ${f.dataDir}"`,
  },
} satisfies FaultCatalogue;

export const CloudFault = faultClass(faults);
