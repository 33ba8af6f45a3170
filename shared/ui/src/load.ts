/** A value fetched now and again every few seconds while the page is open. */
import { useEffect, useState } from "preact/hooks";
import { get } from "./api.ts";

export type Loaded<T> =
  | { at: "loading" }
  | { at: "here"; value: T }
  | { at: "failed"; why: string };

const refreshMs = 3000;

export function useLoad<T>(path: string | null): [Loaded<T>, (value: T) => void] {
  const [state, setState] = useState<Loaded<T>>({ at: "loading" });
  useEffect(() => {
    if (path === null) return;
    let open = true;
    const load = () =>
      get<T>(path).then(
        (value) => open && setState({ at: "here", value }),
        (error: Error) =>
          open &&
          setState((old) => (old.at === "here" ? old : { at: "failed", why: error.message })),
      );
    void load();
    const timer = setInterval(load, refreshMs);
    return () => {
      open = false;
      clearInterval(timer);
    };
  }, [path]);
  return [state, (value) => setState({ at: "here", value })];
}
