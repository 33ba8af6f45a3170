import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("counters, gauges and histograms appear in the text, with and without labels", async () => {
  const metrics = createMetrics();
  const readings = metrics.counter("weir_readings_total", "Readings.", ["line"]);
  readings.inc(2, { line: "W" });
  readings.inc(undefined, { line: "W" });
  metrics.counter("weir_blocks_total", "Blocks.").inc();
  const depth = metrics.gauge("weir_depth", "Depth.");
  depth.set(5);
  depth.inc();
  depth.dec(2);
  metrics.gaugeOf("weir_pulled", "Pulled.", () => 42);
  metrics
    .histogram("weir_seconds", "Seconds.", { buckets: [1, 2], labels: ["what"] })
    .observe(1.5, { what: "x" });
  metrics.histogram("weir_plain_seconds", "Seconds.", ["what"]).observe(1.5, { what: "y" });
  const text = await metrics.text();
  for (const line of [
    'weir_readings_total{line="W"} 3',
    "weir_blocks_total 1",
    "weir_depth 4",
    "weir_pulled 42",
    'weir_seconds_bucket{le="2",what="x"} 1',
    'weir_plain_seconds_count{what="y"} 1',
  ])
    expect(text.split("\n")).toContain(line);
});

test("one name is one figure, and each process has its own set", async () => {
  const metrics = createMetrics();
  metrics.counter("weir_x_total", "X.").inc();
  metrics.counter("weir_x_total", "X.").inc();
  metrics.gaugeOf("weir_y", "Y.", () => 1);
  metrics.gaugeOf("weir_y", "Y.", () => 2);
  expect(await metrics.text()).toContain("weir_x_total 2");
  expect(await createMetrics().text()).not.toContain("weir_x_total");
});

test("the process tells memory, processor time and event loop", async () => {
  const text = await createMetrics().text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e7);
  expect(value("process_cpu_seconds")).toBeGreaterThan(0);
  expect(value("process_start_time_seconds")).toBeGreaterThan(1.6e9);
  expect(value("weir_heap_used_mib")).toBeGreaterThan(1);
  expect(value("weir_event_loop_utilization")).toBeLessThanOrEqual(1);
  expect(value("weir_event_loop_delay_p99_seconds")).toBeGreaterThanOrEqual(0);
});
