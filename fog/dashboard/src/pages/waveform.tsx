/** What a machine's vibration sensor recorded before a trip: the seconds, the spectrum, the lines to look at. */

import type { WaveformView } from "@weir/contracts/api/fog.ts";
import { get } from "@weir/ui/api.ts";
import { LineChart } from "@weir/ui/line-chart.tsx";
import { dayTime } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { number } from "@weir/ui/words.ts";
import { useEffect, useMemo, useState } from "preact/hooks";
import {
  bandOf,
  highHz,
  lineAmplitude,
  lineMark,
  lineName,
  lowHz,
  peakOf,
  rmsOf,
  valuesOf,
} from "../waveform.ts";

type State = { at: "loading" } | { at: "here"; view: WaveformView } | { at: "failed"; why: string };

export function WaveformPage({ event }: { event: string }) {
  const [state, setState] = useState<State>({ at: "loading" });
  const path = `/api/waveforms/${encodeURIComponent(event)}`;
  // Once: it never changes.
  useEffect(() => {
    get<WaveformView>(path).then(
      (view) => setState({ at: "here", view }),
      (error: Error) => setState({ at: "failed", why: error.message }),
    );
  }, [path]);
  if (state.at === "loading") return <Waiting>Loading the waveform…</Waiting>;
  if (state.at === "failed")
    return (
      <div class="failed" role="alert">
        <p>
          <strong>No waveform:</strong> {state.why}
        </p>
        <a href="#/events?show=Protection">To the events</a>
      </div>
    );
  return <Capture view={state.view} path={path} />;
}

function Capture({ view, path }: { view: WaveformView; path: string }) {
  const values = useMemo(() => valuesOf(view), [view]);
  const seconds = (values[0]?.length ?? 0) / view.rateHz;
  return (
    <div class="stack">
      <div class="row wrap-early">
        <h1>
          {view.device} before {view.rule}
        </h1>
        <span class="soft grow">
          {view.stage && <a href={`#/stage/${view.stage}`}>{view.stage}</a>} {view.edge} ·{" "}
          {seconds.toFixed(1)} s from {dayTime(view.fromMs)} · {number(view.rateHz)} samples/s
        </span>
        <a href={`${path}/csv`} download>
          Download CSV
        </a>
      </div>
      <Lines view={view} values={values} />
      <div class="waveform-body">
        <Seconds view={view} values={values} />
        <Spectrum view={view} />
      </div>
      <p class="soft">Drag across a chart to look closer; double click to see all of it.</p>
    </div>
  );
}

/** A little room above the highest line. */
const headroom = 1.08;

function Seconds({ view, values }: { view: WaveformView; values: Float64Array[] }) {
  const x = useMemo(
    () => Float64Array.from({ length: values[0]?.length ?? 0 }, (_, i) => i / view.rateHz),
    [values],
  );
  const reach = Math.max(...values.map(peakOf), Number.MIN_VALUE) * headroom;
  return (
    <section class="panel stack">
      <h2>As it shook</h2>
      {view.axes.map((axis, i) => (
        <LineChart
          key={axis}
          label={axis}
          unit={view.unit}
          x={x}
          xUnit="seconds"
          y={values[i] ?? []}
          yRange={[-reach, reach]}
          syncKey="waveform"
        />
      ))}
    </section>
  );
}

function Spectrum({ view }: { view: WaveformView }) {
  const band = useMemo(() => bandOf(view.spectrum), [view]);
  const top = Math.max(...band.amplitude.flat(), Number.MIN_VALUE) * headroom;
  const marks = view.lines.map(({ name, hz }) => ({ at: hz, text: lineMark(name) }));
  return (
    <section class="panel stack">
      <h2>
        Spectrum{" "}
        <span class="soft">
          {lowHz} to {number(Math.min(highHz, view.rateHz / 2))} Hz
        </span>
      </h2>
      {band.hz.length === 0 && <p class="empty">Too short for a spectrum.</p>}
      {band.hz.length > 0 &&
        view.axes.map((axis, i) => (
          <LineChart
            key={axis}
            label={axis}
            unit={`${view.unit} RMS`}
            x={band.hz}
            xUnit="Hz"
            y={band.amplitude[i] ?? []}
            yRange={[0, top]}
            marks={marks}
            syncKey="spectrum"
          />
        ))}
    </section>
  );
}

function Lines({ view, values }: { view: WaveformView; values: Float64Array[] }) {
  const { axes, lines, spectrum, unit } = view;
  return (
    <section class="panel">
      <h2>
        In figures <span class="soft">{unit}</span>
      </h2>
      <div class="scroll">
        <table class="figures">
          <thead>
            <tr>
              <th />
              {axes.map((axis) => (
                <th key={axis}>{axis}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>RMS</td>
              {values.map((axis, i) => (
                <td key={axes[i]}>{number(rmsOf(axis))}</td>
              ))}
            </tr>
            <tr>
              <td>Peak</td>
              {values.map((axis, i) => (
                <td key={axes[i]}>{number(peakOf(axis))}</td>
              ))}
            </tr>
            {lines.map(({ name, hz }) => (
              <tr key={name}>
                <td>
                  {lineName(name)} <span class="soft">{number(hz)} Hz</span>
                </td>
                {spectrum.amplitude.map((axis, i) => (
                  <td key={axes[i]}>{number(lineAmplitude(spectrum, axis, hz))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lines.length === 0 && (
        <p class="soft">
          The edge does not know this machine's speed, or it varies: no lines are marked.
        </p>
      )}
    </section>
  );
}
