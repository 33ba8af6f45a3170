/** The frame of both applications: name, pages, the site's clock, whether the server is heard, who is signed in. */
import type { ComponentChildren } from "preact";
import { post } from "./api.ts";
import { route } from "./route.ts";
import { lastWordMs, serverLink } from "./server-link.ts";
import { session } from "./session-state.ts";
import { siteNow, siteRate, siteZone, zoneProblem } from "./site-clock.ts";
import { date, minuteTime, secondTime } from "./time-format.ts";
import { span } from "./words.ts";

export interface Page {
  /** First path segment; "" for the first page. */
  path: string;
  title: string;
  /** A number worth seeing from every page. */
  count?: number | undefined;
}

export interface ShellProps {
  product: string;
  pages: readonly Page[];
  /** What goes on without this server: told when it is not heard. */
  unaffected: string;
  children: ComponentChildren;
}

export function Shell({ product, pages, unaffected, children }: ShellProps) {
  const path = route.value.parts.join("/");
  const here = route.value.parts[0] ?? "";
  const isUnheard = serverLink.value.at === "lost" || isAnew();
  return (
    <div class="shell">
      <header class="bar">
        <a class="brand" href="#/">
          <Mark /> {product}
        </a>
        <nav aria-label="Pages">
          {pages.map((page) => (
            <a
              key={page.path}
              href={`#/${page.path}`}
              aria-current={here === page.path ? "page" : undefined}
            >
              {page.title}
              {page.count ? <span class="badge">{page.count}</span> : null}
            </a>
          ))}
        </nav>
        <SiteClock />
        <SignedIn />
        <Unheard unaffected={unaffected} />
      </header>
      <main class={isUnheard ? "unheard" : ""} data-page={path}>
        {children}
      </main>
    </div>
  );
}

/** The page was hidden and has let go of the server: what it shows is old until it hears it again. */
const isAnew = (): boolean => serverLink.value.at === "connecting" && lastWordMs.value !== null;

/** Over everything a page shows, while its server says nothing. */
function Unheard({ unaffected }: { unaffected: string }) {
  const link = serverLink.value;
  if (isAnew())
    return (
      <span class="soft" role="status">
        checking…
      </span>
    );
  if (link.at !== "lost") return null;
  const word = lastWordMs.value;
  return (
    <div class="unheard-band" role="alert">
      <strong>
        {link.hasSpoken
          ? `The server is silent${word === null ? "" : ` since ${secondTime(word)}`}.`
          : "The server has not answered this page yet."}
      </strong>
      <span>
        {link.hasSpoken
          ? "What you see is as it was then and may have changed since. "
          : "There is nothing of now to see. "}
        {unaffected} This page goes on by itself as soon as the server is back.
      </span>
      <span aria-hidden="true" class="unheard-for">
        {span(Math.floor(link.forMs / 1000) * 1000)}
      </span>
    </div>
  );
}

/** A weir: water held back, measured, let through. */
const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M2 6h8v12h4v-7h8" fill="none" stroke="currentColor" stroke-width="2" />
    <path
      d="M2 9q2-2 4 0t4 0M14 14q2-2 4 0t4 0"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
    />
  </svg>
);

function SiteClock() {
  const now = siteNow.value;
  if (now === null) return null;
  return (
    <span class="site-clock" title={`${date(now)}, by the clocks of ${siteZone.value}`}>
      {minuteTime(now)} <span class="zone">{siteZone.value}</span>
      {siteRate.value !== 1 && <span class="zone"> ×{siteRate.value}</span>}
      {zoneProblem.value && (
        <span class="problem" title={zoneProblem.value}>
          {" "}
          ▲ {zoneProblem.value}
        </span>
      )}
    </span>
  );
}

function SignedIn() {
  const view = session.value;
  if (!view) return null;
  const leave = () => {
    void post("/api/logout").finally(() => location.reload());
  };
  return (
    <span class="who">
      {view.user} · {view.role}
      <button type="button" class="quiet" onClick={leave}>
        Sign out
      </button>
    </span>
  );
}
