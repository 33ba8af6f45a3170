/** `weir-sim configure`: what the other tiers need to know of this plant. */
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import type { SerialOptions } from "../configuration/edge-rows.ts";
import { writeConfiguration } from "../configuration/write-configuration.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { plantById } from "../plants/plants.ts";
import { writing } from "./file-fault.ts";
import { plantOption } from "./plant-options.ts";
import { parsePorts } from "./port-list.ts";
import { askStatus, controlUrl } from "./running-sim.ts";

export const configure = command({
  about: "Writes site.yaml and a file for each edge of a simulated plant.",
  options: {
    plant: plantOption,
    out: {
      flag: "--out",
      type: "string",
      default: ".",
      value: "DIR",
      doc: "Folder for the files.",
    },
    host: {
      flag: "--modbus",
      type: "string",
      default: "127.0.0.1",
      value: "HOST",
      doc: "Address of the gateways.",
    },
    ports: {
      flag: "--ports",
      type: "string",
      default: undefined,
      value: "PORTS",
      doc: "Their ports; without it they are asked of the running simulator.",
    },
    url: {
      flag: "--url",
      type: "string",
      default: undefined,
      value: "URL",
      doc: "Control address of the running simulator.",
    },
    dataDir: commonOptions.dataDir,
    uplink: {
      flag: "--uplink",
      type: "string",
      default: undefined,
      value: "mqtts://HOST:PORT",
      doc: "The fog that the edges send to; without it they run alone.",
    },
    identity: {
      flag: "--identity-dir",
      type: "string",
      default: "identity",
      value: "DIR",
      doc: "Holds the identity folder of each edge: DIR/EDGE.",
    },
    safetyDocuments: {
      flag: "--safety-documents",
      type: "boolean",
      default: false,
      doc: 'Cause-and-effect tables as files of their own; "weir-edge approve" puts a name to each.',
    },
    json: commonOptions.json,
  },
  examples: [
    "weir-sim configure --ports 15020 --out config",
    "weir-sim configure --data-dir sim --uplink mqtts://127.0.0.1:8883 --out config",
  ],
  run: async (args, io) => {
    const running = args.ports === undefined ? await askRunning(args) : undefined;
    // A running simulator knows which plant it is.
    const plant = running?.plant ?? plantById(args.plant);
    const ports = running?.ports ?? listed(plant, args.ports ?? "");
    const files = await writing(args.out, () =>
      writeConfiguration({
        plant,
        outDir: args.out,
        host: args.host,
        ports,
        uplinkUrl: args.uplink,
        identityDir: args.identity,
        serial: running?.serial,
        hasSafetyDocuments: args.safetyDocuments,
      }),
    );
    const reporter = createReporter({ json: args.json, out: io.out });
    reporter.event("configured", { files }, files.join("\n"));
    return 0;
  },
});

function listed(plant: PlantDefinition, text: string): Map<string, number> {
  const ports = parsePorts(plant, text);
  return new Map(plant.gateways.map(({ id }, i) => [id, ports[i] ?? 0]));
}

async function askRunning(args: {
  url: string | undefined;
  dataDir: string | undefined;
}): Promise<{ plant: PlantDefinition; ports: Map<string, number>; serial: SerialOptions }> {
  const status = await askStatus(controlUrl(args));
  const ports = new Map(status.gateways.map(({ id, port }) => [id, port]));
  const lines = status.serial.map(({ id, place, format }) => ({ id, place, format }));
  return { plant: plantById(status.plant), ports, serial: { lines, rate: status.rate } };
}
