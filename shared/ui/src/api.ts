/** Talking to the tier that served this page. */
import type { ErrorView } from "@weir/contracts/api/live.ts";

/** What the server refused, in its own words. */
export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, view: ErrorView) {
    super(view.message);
    this.status = status;
    this.code = view.code;
  }

  /** Asking again brings the same answer until the question changes. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500 && ![401, 408, 429].includes(this.status);
  }
}

/** The server did not answer at all, or not in time. What was ordered may have happened. */
export class NoAnswer extends Error {}

/** A hung server keeps its connections; nobody waits longer than this for a page's data, milliseconds. */
const getMaxMs = 12_000;
/** An order waits for an edge to answer. */
const postMaxMs = 30_000;

export function get<T>(path: string): Promise<T> {
  return ask<T>(path, { headers: { accept: "application/json" } }, getMaxMs);
}

/** The header marks the request as ours, which a foreign page cannot set. */
export function post<T>(path: string, body: unknown = {}): Promise<T> {
  const headers = { "content-type": "application/json", "x-weir": "1" };
  return ask<T>(path, { method: "POST", headers, body: JSON.stringify(body) }, postMaxMs);
}

/** @throws ApiFault, NoAnswer */
async function ask<T>(path: string, init: RequestInit, maxMs: number): Promise<T> {
  try {
    return await answer<T>(await fetch(path, { ...init, signal: AbortSignal.timeout(maxMs) }));
  } catch (error) {
    if (error instanceof ApiFault) throw error;
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    throw new NoAnswer(
      isLate
        ? `the server did not answer within ${maxMs / 1000} s`
        : "the server cannot be reached",
    );
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const view = await response.json().catch(() => ({
    code: "NO_ANSWER",
    message: `The server answered ${response.status} ${response.statusText}.`,
  }));
  throw new ApiFault(response.status, view as ErrorView);
}
