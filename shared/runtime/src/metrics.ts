/** Figures of a running process in the Prometheus text form. The one import of prom-client. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import {
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from "prom-client";

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** `by` ≥ 0, 1 when left out. */
  inc(by?: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
  inc(by?: number, labels?: Labels): void;
  dec(by?: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

export interface HistogramOptions {
  labels?: readonly string[];
  /** Upper bounds, rising. */
  buckets?: readonly number[];
}

/** Asking twice for one name gives the same figure. Names are prometheus names: weir_edge_readings_total. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** A gauge that is read when somebody asks: costs nothing until then. */
  gaugeOf(name: string, help: string, read: () => number): void;
  histogram(name: string, help: string, options?: HistogramOptions | readonly string[]): Histogram;
  /** The Prometheus text exposition format 0.0.4. */
  text(): Promise<string>;
}

/** Seconds; from a tenth of a millisecond to ten seconds. */
const defaultBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Has the process's own figures from the start: memory, CPU, event loop. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const named = <T>(name: string, make: () => T): T =>
    (registry.getSingleMetric(name) as T | undefined) ?? make();
  const registers = [registry];
  const metrics: Metrics = {
    counter: (name, help, labels = []) => {
      const counter = named(
        name,
        () => new PromCounter({ name, help, labelNames: [...labels], registers }),
      );
      return { inc: (by = 1, values = {}) => counter.inc({ ...values }, by) };
    },
    gauge: (name, help, labels = []) => {
      const gauge = named(
        name,
        () => new PromGauge({ name, help, labelNames: [...labels], registers }),
      );
      return {
        set: (value, values = {}) => gauge.set({ ...values }, value),
        inc: (by = 1, values = {}) => gauge.inc({ ...values }, by),
        dec: (by = 1, values = {}) => gauge.dec({ ...values }, by),
      };
    },
    gaugeOf: (name, help, read) => {
      named(name, () => {
        const gauge: PromGauge = new PromGauge({
          name,
          help,
          registers,
          collect: () => gauge.set(read()),
        });
        return gauge;
      });
    },
    histogram: (name, help, options = {}) => {
      const { labels = [], buckets = defaultBuckets } = isLabels(options)
        ? { labels: options }
        : options;
      const histogram = named(
        name,
        () =>
          new PromHistogram({
            name,
            help,
            labelNames: [...labels],
            buckets: [...buckets],
            registers,
          }),
      );
      return { observe: (value, values = {}) => histogram.observe({ ...values }, value) };
    },
    text: () => registry.metrics(),
  };
  addProcessMetrics(metrics);
  return metrics;
}

const isLabels = (options: HistogramOptions | readonly string[]): options is readonly string[] =>
  Array.isArray(options);

const mib = 1024 * 1024;
const nsPerSecond = 1e9;

/** All read on demand. The delay histogram is filled inside libuv, without a timer of JavaScript. */
function addProcessMetrics(metrics: Metrics): void {
  const startSeconds = performance.timeOrigin / 1_000;
  const delay = monitorEventLoopDelay({ resolution: 50 });
  delay.enable();
  metrics.gaugeOf("process_start_time_seconds", "Start, seconds since 1970.", () => startSeconds);
  metrics.gaugeOf("process_resident_memory_bytes", "Resident memory.", () =>
    process.memoryUsage.rss(),
  );
  metrics.gaugeOf(
    "weir_heap_used_mib",
    "JavaScript heap in use.",
    () => process.memoryUsage().heapUsed / mib,
  );
  metrics.gaugeOf("process_cpu_seconds", "Processor time spent, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gaugeOf(
    "weir_event_loop_utilization",
    "Share of its life in which the main thread worked, 0 to 1.",
    () => performance.eventLoopUtilization().utilization,
  );
  metrics.gaugeOf(
    "weir_event_loop_delay_p99_seconds",
    "How late the event loop was since the last reading, 99th percentile.",
    () => {
      const seconds = delay.count === 0 ? 0 : delay.percentile(99) / nsPerSecond;
      delay.reset();
      return seconds;
    },
  );
}
