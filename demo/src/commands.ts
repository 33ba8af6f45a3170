/** The commands a user would type, for one folder and one set of ports. */
import { join } from "node:path";

export const site = "riverside";
export const edges = ["edge-w", "edge-d"] as const;

export interface Place {
  folder: string;
  /** By offset: 0 dashboard, 1 console, 2 broker, 3 plant control, 4 cloud door, 10–15 gateways. */
  ports: readonly number[];
  seed: number;
  scenario: string;
  /** Plant clock that all share. */
  clock: string;
}

const gateways = [10, 11, 12, 13, 14, 15];

export function commandsOf({ folder, ports, seed, scenario, clock }: Place) {
  const at = (...parts: string[]) => join(folder, ...parts);
  const gatewayPorts = gateways.map((offset) => ports[offset]).join(",");
  const fogFiles = ["--config", at("fog.yaml"), "--data-dir", at("fog")];
  const minutes = at("history", "minutes.parquet");
  const hours = at("history", "hours.parquet");
  const configure = [
    ...["weir-sim", "configure", "--out", folder, "--safety-documents"],
    ...["--uplink", `mqtts://127.0.0.1:${ports[2]}`, "--identity-dir", at("identity")],
  ];
  return {
    pages: "turbo run build --output-logs=errors-only".split(" "),
    plant: [
      ...["weir-sim", "run", "--hold", "--seed", String(seed), "--scenario", scenario],
      ...["--clock", clock, "--ports", gatewayPorts, "--control-port", String(ports[3])],
      ...["--history-dir", at("history"), "--truth", at("truth.jsonl"), "--serial", "all"],
    ],
    /** The gateways alone: what the fog needs to know of the site. */
    configureSite: [...configure, "--ports", gatewayPorts],
    /** With the serial lines, whose ports the running plant knows. */
    configure: [...configure, "--url", `http://127.0.0.1:${ports[3]}`],
    /** The first one makes the key of this run. */
    approve: (edge: string) => [
      ...["weir-edge", "approve", at(`${edge}.yaml`), "--key", at("safety-key.pem")],
      ...["--by", "Demo engineer", "--reason", "first start"],
      ...(edge === edges[0] ? ["--new-key"] : []),
    ],
    enrolSite: [
      ...["weir-cloud", "enrol-site", site, "--data-dir", at("cloud")],
      ...["--out", at("riverside-identity"), "--url", `https://127.0.0.1:${ports[4]}`],
    ],
    enrolEdge: (edge: string) => [
      "weir-fog",
      "enrol-edge",
      edge,
      ...fogFiles,
      "--out",
      at("identity", edge),
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
      "--demo",
      "--config",
      at("cloud.yaml"),
      "--data-dir",
      at("cloud"),
      "--clock",
      clock,
    ],
    fog: ["weir-fog", "run", ...fogFiles, "--clock", clock],
    edge: (edge: string) => [
      ...["weir-edge", "run", "--config", at(`${edge}.yaml`)],
      ...["--data-dir", at(edge), "--clock", clock],
    ],
    files: {
      [at("cloud.yaml")]:
        `door: {host: 127.0.0.1, port: ${ports[4]}}\nconsole: {host: 127.0.0.1, port: ${ports[1]}}\n`,
      [at("fog.yaml")]: [
        "site: site.yaml",
        `mqtt: {host: 127.0.0.1, port: ${ports[2]}}`,
        `http: {host: 127.0.0.1, port: ${ports[0]}}`,
        `cloud: {identity: ${site}-identity}`,
        "",
      ].join("\n"),
    },
  };
}
