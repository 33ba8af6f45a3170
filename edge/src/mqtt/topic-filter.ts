/** MQTT 3.1.1, 4.7: topic filters. */

/** Whether `topic` is one of those that `filter` means; `+` is one level, a last `#` all that follow. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  // 4.7.2: a wildcard at the beginning does not mean the broker's own topics.
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === "#") return true;
    if (i >= levels.length || (wanted[i] !== "+" && wanted[i] !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

/** What is wrong with `filter`, or undefined. */
export function filterFlaw(filter: string): string | undefined {
  if (filter === "" || filter.length > 1_024) return "it is empty or longer than 1024 characters";
  const levels = filter.split("/");
  const hash = levels.findIndex((level) => level.includes("#"));
  if (hash >= 0 && (levels[hash] !== "#" || hash < levels.length - 1)) {
    return '"#" stands alone in the last level';
  }
  return levels.some((level) => level.includes("+") && level !== "+")
    ? '"+" stands alone in its level'
    : undefined;
}
