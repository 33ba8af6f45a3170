/** A value fetched now and again every few seconds while the page is open. */
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "./api.ts";

export type Loaded<T> =
  | { at: "loading" }
  | { at: "here"; value: T }
  | { at: "failed"; why: string };

const refreshMs = 3000;

export function useLoad<T>(path: string | null): [Loaded<T>, (value: T) => void] {
  const [state, setState] = useState<Loaded<T>>({ at: "loading" });
  const wanted = useRef(path);
  wanted.current = path;
  const hurry = useRef(() => {});
  useEffect(() => {
    let open = true;
    let asking = false;
    let timer = 0;
    // One question at a time: a slow answer is shown, late, and never overtaken by the next question.
    const ask = async () => {
      const asked = wanted.current;
      if (asked === null || asking) return;
      asking = true;
      try {
        const value = await get<T>(asked);
        if (open) setState({ at: "here", value });
      } catch (error) {
        const why = (error as Error).message;
        if (open) setState((old) => (old.at === "here" ? old : { at: "failed", why }));
      }
      asking = false;
      if (open) timer = window.setTimeout(ask, asked === wanted.current ? refreshMs : 0);
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
  return [state, (value) => setState({ at: "here", value })];
}
