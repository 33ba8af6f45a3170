/** The frame of both applications: name, site, plant clock, pages, who is signed in. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { post } from "./api.ts";
import { lineUp } from "./live.ts";
import { route } from "./route.ts";
import { session } from "./session.tsx";

export interface Page {
  /** First path segment; "" for the first page. */
  path: string;
  title: string;
  /** A number worth seeing from every page. */
  count?: number | undefined;
}

export function Shell({
  product,
  pages,
  children,
}: {
  product: string;
  pages: readonly Page[];
  children: ComponentChildren;
}) {
  const here = route.value.parts[0] ?? "";
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
        <PlantClock />
        <SignedIn />
      </header>
      {!lineUp.value && (
        <p class="line-down" role="alert">
          The connection to the server is lost; what you see is old. Local protection is not
          affected.
        </p>
      )}
      <main>{children}</main>
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

function PlantClock() {
  const now = useSignal("");
  const view = session.value;
  useEffect(() => {
    if (!view) return;
    const startedMs = performance.now();
    const tick = () => {
      const at = view.plantNowMs + (performance.now() - startedMs) * view.plantRate;
      now.value = new Date(at).toISOString().slice(0, 16).replace("T", " ");
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [view]);
  if (!view) return null;
  return (
    <span class="plant-clock" title="Plant time, UTC">
      {now.value}
      {view.plantRate !== 1 && <em> ×{view.plantRate}</em>}
    </span>
  );
}

function SignedIn() {
  const view = session.value;
  if (!view) return null;
  const leave = async () => {
    await post("/api/logout");
    location.reload();
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
