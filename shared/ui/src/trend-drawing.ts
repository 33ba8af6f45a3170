/** What is drawn on a trend besides its line: bands, limits, markers, and where there is nothing. */
import type { SeriesView } from "@weir/contracts/api/live.ts";
import type uPlot from "uplot";
import type { Gap } from "./chart-gaps.ts";
import { colour } from "./colour.ts";

export interface Marker {
  atMs: number;
  text: string;
  kind: "trip" | "incident" | "ticket" | "label";
}

const font = (): string => `${12 * devicePixelRatio}px system-ui`;

export function drawUnder(chart: uPlot, series: SeriesView): void {
  const { ctx, bbox } = chart;
  ctx.save();
  if (series.bandLow !== undefined && series.bandHigh !== undefined) {
    const top = chart.valToPos(series.bandHigh, "y", true);
    const bottom = chart.valToPos(series.bandLow, "y", true);
    ctx.fillStyle = colour("--band");
    ctx.fillRect(
      bbox.left,
      Math.max(bbox.top, top),
      bbox.width,
      Math.min(bbox.top + bbox.height, bottom) - Math.max(bbox.top, top),
    );
  }
  ctx.strokeStyle = colour("--p1");
  ctx.setLineDash([6, 4]);
  for (const limit of [series.hardLow, series.hardHigh]) {
    if (limit === undefined) continue;
    const y = chart.valToPos(limit, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Hatches what is not known; an open gap more strongly, with words where there is room. */
export function drawSilence(
  chart: uPlot,
  gaps: readonly Gap[],
  wordsOf: (gap: Gap) => string,
): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const gap of gaps) {
    const from = Math.max(bbox.left, chart.valToPos(gap.fromMs / 1000, "x", true));
    const to = Math.min(bbox.left + bbox.width, chart.valToPos(gap.toMs / 1000, "x", true));
    if (to - from < 2) continue;
    hatch(chart, { from, to, isStrong: gap.isOpen });
    const words = wordsOf(gap);
    ctx.font = font();
    const wide = ctx.measureText(words).width + 8 * devicePixelRatio;
    if (words === "" || wide > bbox.width) continue;
    // At the right end when the gap is narrower than its words.
    const x = Math.max(bbox.left, Math.min(from, bbox.left + bbox.width - wide));
    const y = bbox.top + bbox.height - 22 * devicePixelRatio;
    ctx.fillStyle = colour("--panel");
    ctx.fillRect(x, y, wide, 18 * devicePixelRatio);
    ctx.fillStyle = colour("--ink");
    ctx.fillText(words, x + 4 * devicePixelRatio, y + 13 * devicePixelRatio);
  }
  ctx.restore();
}

function hatch(
  { ctx, bbox }: uPlot,
  { from, to, isStrong }: { from: number; to: number; isStrong: boolean },
): void {
  const space = 9 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, bbox.top, to - from, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour("--stale");
  ctx.globalAlpha = isStrong ? 0.55 : 0.25;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = from - bbox.height; x < to; x += space) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

export function drawMarkers(chart: uPlot, markers: readonly Marker[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = font();
  ctx.textAlign = "left";
  for (const marker of markers) {
    const x = chart.valToPos(marker.atMs / 1000, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colour(marker.kind === "trip" ? "--p1" : "--advisory");
    ctx.fillStyle = ctx.strokeStyle;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(marker.text, x + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
  }
  ctx.restore();
}
