/** A value fetched now and again every few seconds while the page is open. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiFault, get } from "./api.ts";
import { session } from "./session-state.ts";
import { siteNow } from "./site-clock.ts";

/** `hereMs`: what the server's clock showed when the value came; null where it has not said. */
export type Loaded<T> =
  | { at: "loading" }
  | { at: "here"; value: T; hereMs: number | null; failing?: string }
  | { at: "failed"; why: string; isFinal: boolean };

const refreshMs = 3000;

export interface Loading<T> {
  state: Loaded<T>;
  /** Shows this instead, e.g. what an order has answered. */
  replace: (value: T) => void;
  /** Asks now. */
  again: () => void;
}

/** Null asks nothing. What cannot come by asking again (there is no such thing here) is asked once. */
export function useLoading<T>(path: string | null, everyMs = refreshMs): Loading<T> {
  const [state, setState] = useState<Loaded<T>>({ at: "loading" });
  const wanted = useRef(path);
  wanted.current = path;
  const hurry = useRef(() => {});
  const here = (value: T): Loaded<T> => ({ at: "here", value, hereMs: siteNow.peek() });
  useEffect(() => {
    let open = true;
    let asking = false;
    let timer = 0;
    // One question at a time: a slow answer is shown, late, and never overtaken by the next question.
    const ask = async () => {
      const asked = wanted.current;
      if (asked === null || asking) return;
      asking = true;
      let isFinal = false;
      try {
        const value = await get<T>(asked);
        if (open) setState(here(value));
      } catch (error) {
        const why = (error as Error).message;
        isFinal = error instanceof ApiFault && error.isFinal;
        if (error instanceof ApiFault && error.status === 401) session.value = null;
        if (open)
          setState((old) =>
            old.at === "here" && !isFinal
              ? { ...old, failing: why }
              : { at: "failed", why, isFinal },
          );
      }
      asking = false;
      const isSame = asked === wanted.current;
      if (open && !(isFinal && isSame)) timer = window.setTimeout(ask, isSame ? everyMs : 0);
    };
    hurry.current = () => {
      clearTimeout(timer);
      void ask();
    };
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, []);
  useEffect(() => hurry.current(), [path]);
  return { state, replace: (value) => setState(here(value)), again: () => hurry.current() };
}
