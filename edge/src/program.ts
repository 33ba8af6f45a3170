/** weir-edge: the agent beside the machines, by its commands. */
import type { Program } from "@weir/runtime/cli.ts";
import { agentVersion } from "./agent-version.ts";
import { approve } from "./commands/approve.ts";
import { audit, backup, restore } from "./commands/backup.ts";
import { diff } from "./commands/diff.ts";
import { matrix } from "./commands/matrix.ts";
import { ports } from "./commands/ports.ts";
import { probe } from "./commands/probe.ts";
import { profiles } from "./commands/profiles.ts";
import { proofTest } from "./commands/proof-test.ts";
import { reload } from "./commands/reload.ts";
import { replay } from "./commands/replay.ts";
import { reset } from "./commands/reset.ts";
import { run } from "./commands/run.ts";
import { scan } from "./commands/scan.ts";
import { simulateTrip } from "./commands/simulate-trip.ts";
import { status } from "./commands/status.ts";
import { validate } from "./commands/validate.ts";

export const program: Program = {
  name: "weir-edge",
  about: "Reads the devices of one gateway, acts on hard limits, sends every reading to the fog.",
  version: agentVersion,
  commands: {
    run,
    validate,
    diff,
    matrix,
    approve,
    reload,
    replay,
    probe,
    profiles,
    ports,
    scan,
    status,
    "simulate-trip": simulateTrip,
    "proof-test": proofTest,
    reset,
    backup,
    restore,
    audit,
  },
};
