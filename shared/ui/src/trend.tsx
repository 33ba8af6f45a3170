/**
 * Trends on uPlot: min/max envelope, learned band, hard limits, event markers, one crosshair for all charts
 * of a page. The axis is that of the site's clocks and ends where the page says, whatever has arrived: gaps
 * are gaps, and what lasts until now is marked as silent.
 */
import type { SeriesView } from "@weir/contracts/api/live.ts";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { gapsOf, withBreaks } from "./chart-gaps.ts";
import { liveColour, onThemeChange } from "./colour.ts";
import { siteRate, siteZone } from "./site-clock.ts";
import { tickLabels, tickStep, timeTicks } from "./time-axis.ts";
import { sinceAndAge } from "./time-format.ts";
import { drawMarkers, drawSilence, drawUnder, type Marker } from "./trend-drawing.ts";
import { number } from "./words.ts";

/** UTC milliseconds. */
export interface Zoom {
  fromMs: number;
  toMs: number;
}

export interface TrendProps {
  series: SeriesView;
  /** What the axis shows, UTC milliseconds. */
  fromMs: number;
  toMs: number;
  /** Now by the server's clock: nothing is expected after it. */
  nowMs: number;
  height?: number;
  markers?: readonly Marker[];
  /** Somebody has chosen a part of the time, or all of it again; left out: the chart keeps it to itself. */
  onZoom?: ((zoom: Zoom | undefined) => void) | undefined;
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
  /** So much later than it is read a value may arrive at the server, milliseconds. */
  lateMs?: number | undefined;
  /** Zone of the site whose chart this is, where it is not the page's. */
  tz?: string | undefined;
}

/** Real time between two answers of the server, with room for a busy one, milliseconds. */
const answerMs = 10_000;

const spanOf = ({
  fromMs,
  toMs,
  nowMs,
  lateMs = 0,
}: Pick<TrendProps, "fromMs" | "toMs" | "nowMs" | "lateMs">) => ({
  ...{ fromMs, toMs, nowMs, lateMs: lateMs + answerMs * siteRate.value },
});

/** Pixels that a label of the time axis needs. */
const labelSpace = 76;

export function Trend(props: TrendProps) {
  const { series, fromMs, toMs, height = 170, syncKey = "weir", tz = siteZone.value } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(props);
  shown.current = props;

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const options = optionsOf(element, { height, syncKey, tz }, shown);
    const chart = new uPlot(options, dataOf(series), element);
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    const stopTheme = onThemeChange(() => chart.redraw());
    return () => {
      resize.disconnect();
      stopTheme();
      chart.destroy();
    };
  }, [series.tag, height, syncKey, tz]);

  useEffect(() => {
    const chart = plot.current;
    if (!chart) return;
    chart.setData(dataOf(series), false);
    if (chart.root.dataset["zoomed"] === "yes") chart.redraw();
    else chart.setScale("x", { min: fromMs / 1000, max: toMs / 1000 });
  }, [series, fromMs, toMs]);

  return (
    <figure class="trend">
      <figcaption>
        {series.name} <span class="unit">{series.unit}</span>{" "}
        <span class="soft">· {wordsOf(props)}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${series.name}: ${wordsOf(props)}`} />
    </figure>
  );
}

/** What the line does, for those who do not see it; and since when there is none. */
export function wordsOf(
  props: Pick<TrendProps, "series" | "fromMs" | "toMs" | "nowMs" | "lateMs" | "tz">,
): string {
  const { series, nowMs, tz = siteZone.value } = props;
  const known = series.mean.filter((value) => value !== null);
  const silent = gapsOf(series, spanOf(props)).find(({ isOpen }) => isOpen);
  if (known.length === 0) return "nothing heard in this time";
  const course = `first ${number(known[0])}, last ${number(known.at(-1))}, ${extremes(series)}`;
  return silent ? `${course}; not heard since ${sinceAndAge(silent.fromMs, nowMs, tz)}` : course;
}

/** Of the readings themselves, not of the means that the line goes through. */
function extremes({ min, max }: Pick<SeriesView, "min" | "max">): string {
  const lows = min.filter((value) => value !== null);
  const highs = max.filter((value) => value !== null);
  return `between ${number(Math.min(...lows))} and ${number(Math.max(...highs))}`;
}

function dataOf(series: SeriesView): uPlot.AlignedData {
  const { at, mean, max, min } = withBreaks(series);
  return [at, mean, max, min];
}

interface Fixed {
  height: number;
  syncKey: string;
  tz: string;
}

function optionsOf(
  element: HTMLElement,
  { height, syncKey, tz }: Fixed,
  shown: { current: TrendProps },
): uPlot.Options {
  return {
    width: element.clientWidth || 600,
    height,
    cursor: {
      sync: { key: syncKey },
      points: { size: 5 },
      bind: {
        // Back to the whole of what the page shows, not of what has arrived.
        dblclick: (chart) => () => {
          const { fromMs, toMs, onZoom } = shown.current;
          chart.root.dataset["zoomed"] = "no";
          chart.setScale("x", { min: fromMs / 1000, max: toMs / 1000 });
          onZoom?.(undefined);
          return null;
        },
      },
    },
    legend: { show: false },
    scales: {
      x: { min: shown.current.fromMs / 1000, max: shown.current.toMs / 1000 },
      y: { range: (_chart, low, high) => yRange(low, high, shown.current.series) },
    },
    axes: axesOf(tz),
    series: [
      {},
      {
        label: shown.current.series.name,
        stroke: liveColour("--pen"),
        width: 1.5,
        spanGaps: false,
        points: { show: (_chart, _series, from, to) => to - from < 4, size: 4 },
      },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
    ],
    bands: [{ series: [2, 3], fill: liveColour("--envelope") }],
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          const { onZoom } = shown.current;
          if (width <= 0) return;
          if (!onZoom) chart.root.dataset["zoomed"] = "yes";
          const at = (pixels: number) => Math.round(chart.posToVal(pixels, "x") * 1000);
          onZoom?.({ fromMs: at(left), toMs: at(left + width) });
        },
      ],
      drawClear: [(chart) => drawUnder(chart, shown.current.series)],
      draw: [
        (chart) => {
          const { series, nowMs } = shown.current;
          drawSilence(chart, gapsOf(series, spanOf(shown.current)), (gap) =>
            gap.isOpen ? `not heard since ${sinceAndAge(gap.fromMs, nowMs, tz)}` : "",
          );
          drawMarkers(chart, shown.current.markers ?? []);
        },
      ],
    },
  };
}

/** Time in the zone `tz` below, the value at the left. */
function axesOf(tz: string): uPlot.Axis[] {
  const axis = {
    stroke: liveColour("--ink-soft"),
    grid: { stroke: liveColour("--line"), width: 1 },
    ticks: { stroke: liveColour("--line") },
    font: "12px system-ui",
  };
  const countMax = (chart: uPlot) => Math.max(2, Math.floor(chart.width / labelSpace));
  return [
    {
      ...axis,
      size: 44,
      splits: (chart, _axis, from, to) =>
        timeTicks(from * 1000, to * 1000, tz, countMax(chart)).map((ms) => ms / 1000),
      values: (chart, splits) => {
        const { min = 0, max = 0 } = chart.scales["x"] ?? {};
        const step = tickStep(((max ?? 0) - (min ?? 0)) * 1000, countMax(chart));
        return tickLabels(
          splits.map((seconds) => seconds * 1000),
          tz,
          step,
        );
      },
    },
    { ...axis, size: 56 },
  ];
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
