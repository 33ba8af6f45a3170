/** In the place of what a page has asked for and does not have yet. */
import type { ComponentChildren } from "preact";
import { serverLink } from "./server-link.ts";

/** `children`: what is awaited, "Loading the stage…". A server that is silent is not waited for: that is said. */
export function Waiting({ children }: { children: ComponentChildren }) {
  if (serverLink.value.at === "lost")
    return (
      <p class="empty" role="status">
        Not loaded: the server does not answer. It comes by itself as soon as the server does.
      </p>
    );
  return (
    <p class="empty skeleton" role="status">
      {children}
    </p>
  );
}
