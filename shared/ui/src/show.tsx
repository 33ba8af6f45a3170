/** What has been asked for: while it comes, when it cannot come, when it no longer renews, and when it is here. */

import type { ComponentChildren } from "preact";
import type { Loading } from "./load.ts";
import { siteNow } from "./site-clock.ts";
import { sinceAndAge } from "./time-format.ts";
import { Waiting } from "./waiting.tsx";

export interface ShowProps<T> {
  loading: Loading<T>;
  /** "the trends": what could not be loaded, in the middle of a sentence. */
  what: string;
  /** Where to go instead, when it cannot come at all. */
  wayOn?: ComponentChildren;
  children: (value: T) => ComponentChildren;
}

export function Show<T>({ loading, what, wayOn, children }: ShowProps<T>) {
  const { state, again } = loading;
  if (state.at === "loading") {
    return <Waiting>Loading {what}…</Waiting>;
  }
  if (state.at === "failed") {
    return (
      <div class="failed" role="alert">
        <p>
          <strong>No {what.replace(/^the /, "")}:</strong> {state.why}
        </p>
        <p class="row">
          <button type="button" onClick={again}>
            Try again
          </button>
          {wayOn}
        </p>
      </div>
    );
  }
  return (
    <>
      {state.failing !== undefined && (
        <Old what={what} why={state.failing} sinceMs={state.hereMs} />
      )}
      {children(state.value)}
    </>
  );
}

function Old({ what, why, sinceMs }: { what: string; why: string; sinceMs: number | null }) {
  const now = siteNow.value;
  return (
    <p class="old" role="alert">
      <strong>Old.</strong> {what.charAt(0).toUpperCase() + what.slice(1)} below{" "}
      {what.endsWith("s") ? "are" : "is"} as of{" "}
      {sinceMs !== null && now !== null ? sinceAndAge(sinceMs, now) : "some time ago"}: {why}.
    </p>
  );
}
