/** The commands of `weir-sim`. */
import "./faults.ts";
import type { Program } from "@weir/runtime/cli.ts";
import { configure } from "./commands/configure.ts";
import { exportHistory } from "./commands/export.ts";
import { run } from "./commands/run.ts";
import { scenarios, status } from "./commands/status.ts";

export const program: Program = {
  name: "weir-sim",
  about: "The simulated works: 45 stages, 280 sensors, six Modbus TCP gateways.",
  version: "0.1.0",
  commands: { run, configure, export: exportHistory, scenarios, status },
};
