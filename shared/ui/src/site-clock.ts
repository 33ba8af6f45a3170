/** The server's clock as a page knows it, and the zone whose clocks it shows. */
import { computed, signal } from "@preact/signals";
import { isZone } from "@weir/contracts/site-time.ts";

/** Zone of the site that is looked at. */
export const siteZone = signal("UTC");
/** Why the site's own zone is not shown; empty: it is. */
export const zoneProblem = signal("");

export function setSiteZone(name: string): void {
  const isKnown = isZone(name);
  siteZone.value = isKnown ? name : "UTC";
  zoneProblem.value = isKnown ? "" : `the site's time zone “${name}” is not known`;
}

interface Anchor {
  /** The server's clock when it last said so, UTC milliseconds. */
  serverMs: number;
  /** When that was, by the page's own monotonic clock. */
  heardAtMs: number;
  /** Milliseconds of the server's clock in one of real time; not 1 where a plant is simulated. */
  rate: number;
}

const anchor = signal<Anchor | null>(null);
const tick = signal(0);
const tickMs = 500;

/** Keeps `pageNow` and `siteNow` going until the returned function is called. */
export function runSiteClock(): () => void {
  const advance = () => {
    tick.value = performance.now();
  };
  advance();
  const timer = setInterval(advance, tickMs);
  return () => clearInterval(timer);
}

/** The server has just said what its clock shows. */
export function setSiteClock(serverMs: number, rate = anchor.value?.rate ?? 1): void {
  anchor.value = { serverMs, heardAtMs: performance.now(), rate };
}

/** The server's clock now; null before it has said what it shows. Follows it twice a second. */
export const siteNow = computed<number | null>(() => {
  if (!anchor.value) return null;
  const { serverMs, heardAtMs, rate } = anchor.value;
  return serverMs + Math.max(0, tick.value - heardAtMs) * rate;
});

export const siteRate = computed<number>(() => anchor.value?.rate ?? 1);

/** The page's own clock, milliseconds; twice a second. */
export const pageNow = computed<number>(() => tick.value);
