/** Keys that are given: what is laid over other settings is laid over key by key. */

/** `over` where it gives a key, else `own`. */
export function given<Own extends object, Over extends object>(own: Own, over: Over): Own & Over {
  const entries = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...own, ...Object.fromEntries(entries) } as Own & Over;
}
