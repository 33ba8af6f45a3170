/** What went wrong, as status and ErrorView. */
import type { ErrorView } from "@weir/contracts/api/live.ts";
import { isFault } from "../fault.ts";
import type { RuntimeFaultCode } from "../faults.ts";
import { refusedWrite } from "../sql.ts";
import { HttpFault } from "./http-fault.ts";

export interface ErrorAnswer {
  status: number;
  view: ErrorView;
  headers: Record<string, string>;
  /** Ours, and to be logged. */
  isBug: boolean;
}

const faultStatus: Readonly<Record<string, number>> = {
  RUNTIME_LOGIN_REFUSED: 401,
  RUNTIME_LOGIN_THROTTLED: 429,
  RUNTIME_USER_TAKEN: 409,
} satisfies Partial<Record<RuntimeFaultCode, number>>;
const conflict = 422;
const unavailable = 503;

/** Sentences for what the HTTP library refuses by itself. */
const libraryFaults: Readonly<Record<string, [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", "The body is larger than this address takes."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "MEDIA_TYPE",
    "The body must be JSON (content-type: application/json).",
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["BODY_CUT", "The body is not as long as it says."],
  FST_ERR_CTP_INVALID_JSON_BODY: ["JSON_BROKEN", "The body is not JSON."],
};

/** What the disk under a database refuses is no bug, and health tells of it as well. */
const storeViews: Readonly<Record<"full" | "unwritable", ErrorView>> = {
  full: {
    code: "DISK_FULL",
    message:
      "This could not be stored, because the server's disk is full. Nothing was changed. Free some space on it and try again.",
  },
  unwritable: {
    code: "DISK_UNWRITABLE",
    message:
      "This could not be stored, because the server's disk cannot be written. Nothing was changed. Look at the disk and its rights, and try again.",
  },
};

export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof HttpFault) {
    const { status, code, message } = error;
    return { status, view: { code, message }, headers: { ...error.headers }, isBug: false };
  }
  if (isFault(error)) {
    const status = faultStatus[error.code] ?? (error.retry ? unavailable : conflict);
    const waitMs = error.facts["waitMs"];
    const headers: Record<string, string> =
      typeof waitMs === "number" ? { "retry-after": String(Math.ceil(waitMs / 1_000)) } : {};
    return { status, view: { code: error.code, message: error.message }, headers, isBug: false };
  }
  const refused = refusedWrite(error);
  if (refused) return { status: unavailable, view: storeViews[refused], headers: {}, isBug: false };
  const { statusCode = 500, code = "" } = error as { statusCode?: number; code?: string };
  if (statusCode >= 400 && statusCode < 500) {
    const [name, message] = libraryFaults[code] ?? ["BAD_REQUEST", "The request cannot be read."];
    return { status: statusCode, view: { code: name, message }, headers: {}, isBug: false };
  }
  const message = "Something went wrong on the server; its log tells more.";
  return { status: 500, view: { code: "INTERNAL", message }, headers: {}, isBug: true };
}
