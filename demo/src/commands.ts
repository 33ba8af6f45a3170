/** The commands a user would type, for one folder and one set of ports. */
import { join } from "node:path";
import type { SimulatedPlant } from "./simulated-plant.ts";

/** Ports are taken in this order. */
const [dashboard, console, broker, control, door] = [0, 1, 2, 3, 4] as const;
/** Offset of the first gateway's port. */
export const firstGateway = 10;

export interface Place {
  plant: SimulatedPlant;
  folder: string;
  /** By offset. */
  ports: readonly number[];
  seed: number;
  scenario: string;
  /** Plant clock that all share. */
  clock: string;
}

export function commandsOf({ plant, folder, ports, seed, scenario, clock }: Place) {
  const { site, edges } = plant;
  const at = (...parts: string[]) => join(folder, ...parts);
  const gatewayPorts = plant.gateways.map((_, i) => ports[firstGateway + i]).join(",");
  const fogFiles = ["--config", at("fog.yaml"), "--data-dir", at("fog")];
  const minutes = at("history", "minutes.parquet");
  const hours = at("history", "hours.parquet");
  const configure = [
    ...["weir-sim", "configure", "--plant", plant.id, "--out", folder, "--safety-documents"],
    ...["--uplink", `mqtts://127.0.0.1:${ports[broker]}`, "--identity-dir", at("identity")],
  ];
  return {
    pages: "turbo run build --output-logs=errors-only".split(" "),
    plant: [
      ...["weir-sim", "run", "--plant", plant.id, "--hold"],
      ...["--seed", String(seed), "--scenario", scenario],
      ...["--clock", clock, "--ports", gatewayPorts, "--control-port", String(ports[control])],
      ...["--history-dir", at("history"), "--truth", at("truth.jsonl")],
      ...(plant.serial.length > 0 ? ["--serial", "all"] : []),
    ],
    /** The gateways alone: what the fog needs to know of the site. */
    configureSite: [...configure, "--ports", gatewayPorts],
    /** With the serial lines, whose ports the running plant knows. */
    configure: [...configure, "--url", `http://127.0.0.1:${ports[control]}`],
    /** The first one makes the key of this run. */
    approve: (edge: string) => [
      ...["weir-edge", "approve", at(`${edge}.yaml`), "--key", at("safety-key.pem")],
      ...["--by", "Demo engineer", "--reason", "first start"],
      ...(edge === edges[0] ? ["--new-key"] : []),
    ],
    enrolSite: [
      ...["weir-cloud", "enrol-site", site, "--data-dir", at("cloud")],
      ...["--out", at("site-identity"), "--url", `https://127.0.0.1:${ports[door]}`],
      ...["--clock", clock],
    ],
    enrolEdge: (edge: string) => [
      ...["weir-fog", "enrol-edge", edge, ...fogFiles],
      ...["--out", at("identity", edge), "--clock", clock],
    ],
    importCloud: [
      "weir-cloud",
      "import",
      hours,
      minutes,
      "--site",
      site,
      "--data-dir",
      at("cloud"),
      "--clock",
      clock,
    ],
    importFog: ["weir-fog", "import", minutes, hours, "--data-dir", at("fog")],
    cloud: [
      "weir-cloud",
      "run",
      "--config",
      at("cloud.yaml"),
      "--data-dir",
      at("cloud"),
      "--clock",
      clock,
      "--demo",
    ],
    /** Where the scenario that was held back is begun. */
    scenarioUrl: `http://127.0.0.1:${ports[control]}/scenario`,
    fog: ["weir-fog", "run", ...fogFiles, "--clock", clock],
    edge: (edge: string) => [
      ...["weir-edge", "run", "--config", at(`${edge}.yaml`)],
      ...["--data-dir", at(edge), "--clock", clock],
    ],
    files: {
      [at("cloud.yaml")]:
        `door: {host: 127.0.0.1, port: ${ports[door]}}\nconsole: {host: 127.0.0.1, port: ${ports[console]}}\n`,
      [at("fog.yaml")]: [
        "site: site.yaml",
        `mqtt: {host: 127.0.0.1, port: ${ports[broker]}}`,
        `http: {host: 127.0.0.1, port: ${ports[dashboard]}}`,
        "cloud: {identity: site-identity}",
        "",
      ].join("\n"),
    },
  };
}
