/** Trends on uPlot: min/max envelope, learned band, hard limits, event markers, one crosshair for all charts of a page. */

import type { SeriesView } from "@weir/contracts/api/live.ts";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colour } from "./colour.ts";

export interface Marker {
  atMs: number;
  text: string;
  kind: "trip" | "incident" | "ticket" | "label";
}

export interface TrendProps {
  series: SeriesView;
  height?: number;
  markers?: readonly Marker[];
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
}

const penCount = 3; // mean, min, max

export function Trend({ series, height = 170, markers = [], syncKey = "weir" }: TrendProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const decoration = useRef({ series, markers });
  decoration.current = { series, markers };

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const chart = new uPlot(
      optionsOf(element, { series, height, syncKey }, decoration),
      dataOf(series),
      element,
    );
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
    };
  }, [series.tag, height, syncKey]);

  useEffect(() => plot.current?.setData(dataOf(series)), [series]);

  return (
    <figure class="trend">
      <figcaption>
        {series.name} <span class="unit">{series.unit}</span>
      </figcaption>
      <div ref={box} />
    </figure>
  );
}

const dataOf = (series: SeriesView): uPlot.AlignedData => [
  series.at,
  series.mean,
  series.max,
  series.min,
];

/** 24-hour time; the day where it changes. uPlot: [least step, format, format at a new year, month, day, …]. */
const timeLabels: uPlot.Axis.Values = [
  [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", null, null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", null, null, "\n{D} {MMM}", null, null, null, 1],
];

function optionsOf(
  element: HTMLElement,
  { series, height, syncKey }: { series: SeriesView; height: number; syncKey: string },
  decoration: { current: { series: SeriesView; markers: readonly Marker[] } },
): uPlot.Options {
  const ink = colour("--ink-soft");
  const axis = {
    stroke: ink,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line") },
    font: "11px system-ui",
  };
  return {
    width: element.clientWidth || 600,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { sync: { key: syncKey }, points: { size: 5 } },
    legend: { show: false },
    scales: { y: { range: (_chart, low, high) => yRange(low, high, series) } },
    axes: [
      { ...axis, values: timeLabels, space: 70 },
      { ...axis, size: 52 },
    ],
    series: [
      {},
      {
        label: series.name,
        stroke: colour("--pen"),
        width: 1.5,
        spanGaps: false,
        points: { show: false },
      },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
    ].slice(0, penCount + 1),
    bands: [{ series: [2, 3], fill: colour("--envelope") }],
    hooks: {
      drawClear: [(chart) => drawUnder(chart, decoration.current.series)],
      draw: [(chart) => drawMarkers(chart, decoration.current.markers)],
    },
  };
}

/** Room above and below; hard limits come into view only when the value is near them. */
function yRange(low: number | null, high: number | null, series: SeriesView): [number, number] {
  if (low === null || high === null) return [0, 1];
  let bottom = Math.min(low, series.bandLow ?? low);
  let top = Math.max(high, series.bandHigh ?? high);
  const reach = (top - bottom || Math.abs(top) || 1) * 1.5;
  if (series.hardHigh !== undefined && series.hardHigh - top < reach)
    top = Math.max(top, series.hardHigh);
  if (series.hardLow !== undefined && bottom - series.hardLow < reach)
    bottom = Math.min(bottom, series.hardLow);
  const margin = (top - bottom || Math.abs(top) || 1) * 0.08;
  return [bottom - margin, top + margin];
}

function drawUnder(chart: uPlot, series: SeriesView): void {
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

function drawMarkers(chart: uPlot, markers: readonly Marker[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
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
