/** One line over a plain number, such as seconds or hertz; marks where to look. Drag to look closer, double click to go back. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colour, liveColour, onThemeChange } from "./colour.ts";

export interface LineChartProps {
  label: string;
  unit: string;
  x: ArrayLike<number>;
  xUnit: string;
  y: ArrayLike<number>;
  /** Charts that are compared share their scale. */
  yRange: [number, number];
  marks?: readonly { at: number; text: string }[];
  height?: number;
  /** Charts with the same key share their crosshair and what is zoomed. */
  syncKey: string;
}

/** Texts of marks that stand close together take turns in so many rows. */
const markRowCount = 3;

export function LineChart(props: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const { label, unit, x, xUnit, y, height = 150, syncKey } = props;
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const data = [x, y] as unknown as uPlot.AlignedData;
    const chart = new uPlot(optionsOf(element, props, height), data, element);
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    const stopTheme = onThemeChange(() => chart.redraw());
    return () => {
      resize.disconnect();
      stopTheme();
      chart.destroy();
    };
  }, [x, y, height, syncKey]);
  return (
    <figure class="trend">
      <figcaption>
        {label} <span class="unit">{unit}</span> <span class="soft">over {xUnit}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${label}, ${unit} over ${xUnit}`} />
    </figure>
  );
}

function optionsOf(
  element: HTMLElement,
  { label, yRange, marks = [], syncKey }: LineChartProps,
  height: number,
): uPlot.Options {
  const axis = {
    stroke: liveColour("--ink-soft"),
    grid: { stroke: liveColour("--line"), width: 1 },
    ticks: { stroke: liveColour("--line") },
    font: "12px system-ui",
  };
  return {
    width: element.clientWidth || 600,
    height,
    cursor: { sync: { key: syncKey, scales: ["x", null] }, points: { size: 5 } },
    legend: { show: false },
    padding: [6, 12, 0, 0],
    scales: { x: { time: false }, y: { range: yRange } },
    axes: [
      { ...axis, space: 60, size: 28 },
      { ...axis, space: 20, size: 52 },
    ],
    series: [{}, { label, stroke: liveColour("--pen"), width: 1, points: { show: false } }],
    hooks: { draw: [(chart) => drawMarks(chart, marks)] },
  };
}

function drawMarks(chart: uPlot, marks: NonNullable<LineChartProps["marks"]>): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px system-ui`;
  ctx.textAlign = "left";
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  const inOrder = marks.toSorted((a, b) => a.at - b.at);
  for (const [index, { at, text }] of inOrder.entries()) {
    const x = chart.valToPos(at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colour("--equipment");
    ctx.fillStyle = colour("--ink-soft");
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const row = 11 + 12 * (index % markRowCount);
    ctx.fillText(text, x + 3 * devicePixelRatio, bbox.top + row * devicePixelRatio);
  }
  ctx.restore();
}
