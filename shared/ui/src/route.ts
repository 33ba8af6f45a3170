/** The page and its state in the address: "#/trends?tags=…&range=6h". */
import { signal } from "@preact/signals";

export interface Route {
  /** Path segments after "#/"; empty for the first page. */
  parts: string[];
  query: URLSearchParams;
}

export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

/** Somebody's half-typed "%" is no reason for a blank page. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const here = (): string => (typeof location === "undefined" ? "" : location.hash);

export const route = signal<Route>(readRoute(here()));

if (typeof addEventListener === "function") {
  addEventListener("hashchange", () => {
    const before = route.value.parts.join("/");
    route.value = readRoute(here());
    if (route.value.parts.join("/") !== before) scrollTo(0, 0);
  });
}

/** Puts a page's state into the address, without a step back for each; null takes a key out. */
export function setQuery(changes: Record<string, string | null>): void {
  const { parts, query } = route.value;
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  const hash = `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
  history.replaceState(null, "", hash);
  route.value = readRoute(hash);
}
