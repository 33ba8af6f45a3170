/** A colour of the style sheet, for what is drawn on a canvas. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** As `colour`, asked at each drawing: the reader's theme may change while a page is open. */
export const liveColour = (name: string) => (): string => colour(name);

/** Calls `redraw` when the reader's theme has changed, until the returned function is called. */
export function onThemeChange(redraw: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);
  return () => dark.removeEventListener("change", redraw);
}
