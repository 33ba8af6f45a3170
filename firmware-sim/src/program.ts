/** The commands of `weir-sim`. */
import type { Program } from "@weir/runtime/cli.ts";
import { configure } from "./commands/configure.ts";
import { device } from "./commands/device.ts";
import { exportHistory } from "./commands/export.ts";
import { run } from "./commands/run.ts";
import { plants, scenarios, status } from "./commands/status.ts";

export const program: Program = {
  name: "weir-sim",
  about: "Simulated plants behind Modbus TCP gateways and serial lines.",
  version: "0.1.0",
  commands: { run, device, configure, export: exportHistory, plants, scenarios, status },
};
