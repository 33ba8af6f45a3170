/** The page in the address: "#/stage/D11?tags=…". */
import { signal } from "@preact/signals";

export interface Route {
  /** Path segments after "#/"; empty for the first page. */
  parts: string[];
  query: URLSearchParams;
}

const read = (): Route => {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return {
    parts: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
};

export const route = signal<Route>(read());

addEventListener("hashchange", () => {
  route.value = read();
  scrollTo(0, 0);
});
