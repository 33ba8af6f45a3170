/** Severity as shape and letter, never by colour alone (ISA-101). */

export type Severity = "advisory" | "low" | "medium" | "high" | "tripped";

const marks: Record<Severity, { letter: string; label: string; path: string }> = {
  tripped: { letter: "T", label: "tripped", path: "M1 1H19V19H1Z" },
  high: { letter: "1", label: "priority 1", path: "M1 1H19V19H1Z" },
  medium: { letter: "2", label: "priority 2", path: "M10 1 19.5 19H0.5Z" },
  low: { letter: "3", label: "priority 3", path: "M10 0.5 19.5 10 10 19.5 0.5 10Z" },
  advisory: { letter: "?", label: "advisory", path: "M10 1A9 9 0 1 1 9.99 1Z" },
};

export function Glyph({ severity }: { severity: Severity }) {
  const mark = marks[severity];
  return (
    <svg class={`glyph glyph-${severity}`} viewBox="0 0 20 20" role="img" aria-label={mark.label}>
      <title>{mark.label}</title>
      <path d={mark.path} />
      <text x="10" y={severity === "medium" ? 16.5 : 14.5} text-anchor="middle">
        {mark.letter}
      </text>
    </svg>
  );
}

export type Quality = "good" | "uncertain" | "bad" | "stale";

const qualityWords: Record<Quality, string> = { good: "", uncertain: "?", bad: "✕", stale: "…" };

/** Nothing for a good value; a sign with words behind it for any other. */
export function QualityMark({ quality, reason }: { quality: Quality; reason: string }) {
  if (quality === "good") return null;
  return (
    <span class={`quality quality-${quality}`} title={reason || quality}>
      {qualityWords[quality]} {quality}
    </span>
  );
}
