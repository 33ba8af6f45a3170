/** The report: one HTML file that needs nothing else. */
import type { Distribution, ResultRow, ResultTable, SuiteResult } from "../suites/suite.ts";
import { spreadOf } from "./statistics.ts";

export interface Report {
  rig: string;
  file: string;
  atMs: number;
  tookMs: number;
  versions: Record<string, string>;
  results: readonly SuiteResult[];
}

const css = `
:root{--ground:#fff;--ink:#16202a;--soft:#5b6b7a;--line:#d8dfe6;--good:#0a7d4f;--bad:#b3261e;--bar:#3a78b5}
@media (prefers-color-scheme:dark){:root{--ground:#12181f;--ink:#e6edf3;--soft:#93a1b0;--line:#2c3742;--good:#4cc38a;--bad:#ff7b72;--bar:#6cb0f0}}
body{font:15px/1.5 system-ui,sans-serif;background:var(--ground);color:var(--ink);max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .2rem}p{margin:.2rem 0;color:var(--soft)}
table{border-collapse:collapse;width:100%;margin:.6rem 0}td,th{text-align:left;padding:.25rem .8rem .25rem 0;border-top:1px solid var(--line);vertical-align:top}
th{font-weight:600}td.no{color:var(--bad);font-weight:600}
.passed{color:var(--good)}.failed{color:var(--bad)}.skipped{color:var(--soft)}
details{margin:.6rem 0;overflow-x:auto}summary{color:var(--soft);cursor:pointer}details td,details th{white-space:nowrap}
figure{margin:1rem 0;overflow-x:auto}figcaption{color:var(--soft)}svg text{fill:var(--soft);font:11px system-ui,sans-serif}
`;

export function reportPage(report: Report): string {
  const { results } = report;
  const count = (verdict: string) => results.filter((result) => result.verdict === verdict).length;
  const title = count("failed") === 0 ? "passed" : "failed";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${esc(report.rig)}: ${title}</title><style>${css}</style></head><body>
<h1>${esc(report.rig)}: <span class="${title}">${title}</span></h1>
<p>${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped ·
${new Date(report.atMs).toISOString()} · ${Math.round(report.tookMs / 1000)} s · ${esc(report.file)}</p>
<p>${Object.entries(report.versions)
    .map(([name, version]) => `${esc(name)} ${esc(version)}`)
    .join(" · ")}</p>
${results.map(section).join("\n")}
</body></html>
`;
}

function section(result: SuiteResult): string {
  const rows = result.rows.map(tableRow).join("");
  const table =
    rows === ""
      ? ""
      : `<table><tr><th>What</th><th>Measured</th><th>Asked</th></tr>${rows}</table>`;
  return `<section><h2>${esc(result.title)}: <span class="${result.verdict}">${result.verdict}</span></h2>
<p>${esc(result.about)}</p>${table}${result.distributions.map(figure).join("")}${(result.tables ?? []).map(details).join("")}</section>`;
}

function details({ name, head, rows }: ResultTable): string {
  const cells = (row: readonly string[], kind: "td" | "th") =>
    `<tr>${row.map((cell) => `<${kind}>${esc(cell)}</${kind}>`).join("")}</tr>`;
  const body = rows.map((row) => cells(row, "td")).join("");
  return `<details><summary>${esc(name)}</summary><table>${cells(head, "th")}${body}</table></details>`;
}

const tableRow = ({ what, measured, asked, ok }: ResultRow): string =>
  `<tr><td>${esc(what)}</td><td${ok ? "" : ' class="no"'}>${esc(measured)}</td><td>${esc(asked)}</td></tr>`;

const width = 720;
const height = 120;
const left = 40;
const binCount = 40;

/** A histogram from 0 to the longest, with the marks. */
function figure({ name, unit, samples: all, marks }: Distribution): string {
  const samples = all.filter((sample) => Number.isFinite(sample));
  if (samples.length === 0) return "";
  const spread = spreadOf(samples);
  const end = Math.max(spread.highest, ...marks.map(({ at }) => at)) * 1.08 || 1;
  const bins = new Array<number>(binCount).fill(0);
  for (const sample of samples) {
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor((sample / end) * binCount)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const highest = Math.max(...bins);
  const x = (value: number) => left + ((width - left) * value) / end;
  const y = (value: number) => height - (height * value) / highest;
  const bars = bins
    .map((bin, i) =>
      bin === 0
        ? ""
        : `<rect x="${x((i * end) / binCount).toFixed(1)}" y="${y(bin).toFixed(1)}" width="${((width - left) / binCount - 1).toFixed(1)}" height="${(height - y(bin)).toFixed(1)}" fill="var(--bar)"/>`,
    )
    .join("");
  const ticks = [0, 0.25, 0.5, 0.75, 1]
    .map((share) => end * share)
    .map(
      (value) =>
        `<text x="${x(value).toFixed(1)}" y="${height + 14}" text-anchor="middle">${value.toFixed(value < 10 ? 1 : 0)}</text>`,
    )
    .join("");
  const drawn = marks
    .map(
      ({ label, at }) =>
        `<line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="0" y2="${height}" stroke="var(--bad)" stroke-dasharray="4 3"/><text x="${(x(at) - 4).toFixed(1)}" y="11" text-anchor="end">${esc(label)} ${at.toFixed(1)}</text>`,
    )
    .join("");
  const caption = `${name}: ${spread.count}×, half ${spread.p50.toFixed(1)}, 95 % ${spread.p95.toFixed(1)}, most ${spread.highest.toFixed(1)} ${unit}`;
  return `<figure><svg role="img" aria-label="${esc(caption)}" viewBox="0 0 ${width + 20} ${height + 20}" width="${width + 20}" height="${height + 20}">
<line x1="${left}" x2="${width}" y1="${height}" y2="${height}" stroke="var(--line)"/><text x="${left - 6}" y="11" text-anchor="end">${highest}</text>${bars}${drawn}${ticks}</svg>
<figcaption>${esc(caption)}</figcaption></figure>`;
}

const esc = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
