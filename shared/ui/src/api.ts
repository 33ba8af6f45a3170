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
}

export async function get<T>(path: string): Promise<T> {
  return answer<T>(await fetch(path, { headers: { accept: "application/json" } }));
}

/** The header marks the request as ours, which a foreign page cannot set. */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return answer<T>(
    await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-weir": "1" },
      body: JSON.stringify(body),
    }),
  );
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const view = await response.json().catch(() => ({
    code: "NO_ANSWER",
    message: `The server answered ${response.status} ${response.statusText}.`,
  }));
  throw new ApiFault(response.status, view as ErrorView);
}
