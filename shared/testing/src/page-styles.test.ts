/** What can be read: contrast of every token on every ground, in both themes, and no text that is too small. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const styles = read("shared/ui/src/styles.css");
const sheets = [
  "shared/ui/src/styles.css",
  "fog/dashboard/src/dashboard.css",
  "cloud/console/src/console.css",
];

const [light = "", rest = ""] = styles.split("@media (prefers-color-scheme: dark) {");
const dark = rest.slice(0, rest.indexOf("\n}\n"));

function tokensOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const grounds = ["ground", "panel", "raised"];
const texts = ["ink", "ink-soft", "link", "p1", "p2", "p3", "advisory", "bad", "stale"];
const marks = ["equipment", "pen"];
const onAlarm = ["p1", "p2", "p3", "advisory"];

describe.each([
  ["light", light],
  ["dark", dark],
])("%s", (_, text) => {
  const tokens = tokensOf(text);
  const of = (name: string) => tokens.get(name) ?? expect.fail(`no token --${name}`);

  test.each(grounds)("text and marks stand out from --%s", (ground) => {
    for (const name of texts)
      expect(contrast(of(name), of(ground)), `--${name}`).toBeGreaterThanOrEqual(4.5);
    for (const name of marks)
      expect(contrast(of(name), of(ground)), `--${name}`).toBeGreaterThanOrEqual(3);
  });

  test("letters stand out from the colours of alarms", () => {
    for (const name of onAlarm)
      expect(contrast(of("on-alarm"), of(name)), `--${name}`).toBeGreaterThanOrEqual(4.5);
  });
});

test.each(sheets)("%s has no text under 12 px", (path) => {
  const rootPx = 14;
  for (const [rule, size, unit] of read(path).matchAll(/font-size: ([\d.]+)(rem|em|px)/g)) {
    const px = Number(size) * (unit === "px" ? 1 : rootPx);
    expect(px, rule).toBeGreaterThanOrEqual(12);
  }
});
