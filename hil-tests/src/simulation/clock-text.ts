/** 270 251 250 ms as "3 d 03:04:11.250": plant time since the start of a run. */
export function clockText(elapsedMs: number): string {
  const day = Math.floor(elapsedMs / 86_400_000);
  const time = new Date(elapsedMs - day * 86_400_000).toISOString().slice(11, 23);
  return `${day} d ${time}`;
}
