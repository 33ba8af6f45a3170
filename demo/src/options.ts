/** What `npm start` may be told. */
import { parseArgs } from "node:util";

export interface DemoOptions {
  /** Name of a simulated plant. */
  plant: string;
  speed: number;
  scenario: string;
  seed: number;
  dataDir: string | undefined;
  /** First of the ports used: fog dashboard, cloud console, then the plant protocols. 0 lets the system choose. */
  ports: number;
  json: boolean;
  fresh: boolean;
}

export const help = `npm start -- [options]

Starts the simulated plant, two edge agents, the fog gateway and the cloud on this
machine, each as its own process, and prints one sign-in link for each web application.
Ctrl-C stops everything.

  --plant NAME     which plant: water-works (default) or bakery
  --speed N        how fast the plant's clock runs, 1 to 300 (default 60: an hour a minute)
  --scenario NAME  what happens in the plant (default story; "weir-sim scenarios --plant NAME" lists them)
  --seed N         the same seed gives the same plant, second for second (default 42)
  --data-dir DIR   where everything is kept; an empty folder (default .weir/demo, made anew)
  --fresh          empty a --data-dir that an earlier demo has filled
  --ports N        first port: fog dashboard N, cloud console N+1, then plant and broker up to
                   N+19; 0 picks free ones (default 8100)
  --json           one JSON object a line for everything that happens
  --help           this text

A demo that is killed takes its parts with it. Commands of the parts: npx weir-sim | weir-edge | weir-fog | weir-cloud --help
`;

const speedMax = 300;
/** Ports a demo takes: two web applications, broker, control, door, gateways from 10 up. */
export const portsUsed = 20;

type Parsed =
  | { ok: true; options: DemoOptions }
  | { ok: false; problems: string[] }
  | { ok: "help" };

/** Reads the command line; every fault is reported at once. */
export function parseOptions(argv: readonly string[]): Parsed {
  const known = {
    plant: { type: "string", default: "water-works" },
    speed: { type: "string", default: "60" },
    scenario: { type: "string", default: "story" },
    seed: { type: "string", default: "42" },
    "data-dir": { type: "string" },
    fresh: { type: "boolean", default: false },
    ports: { type: "string", default: "8100" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof known; args: string[] }>>["values"];
  try {
    values = parseArgs({
      args: [...argv],
      options: known,
      strict: true,
      allowPositionals: false,
    }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(". ");
    return { ok: false, problems: [`${sentence}; "npm start -- --help" lists what is known`] };
  }
  if (values.help) return { ok: "help" };
  const problems: string[] = [];
  const number = (name: "speed" | "seed" | "ports", min: number, max: number): number => {
    const value = Number(values[name]);
    if (values[name] === "" || !Number.isInteger(value) || value < min || value > max) {
      problems.push(`--${name} ${values[name]} is not a whole number from ${min} to ${max}`);
    }
    return value;
  };
  const options: DemoOptions = {
    plant: values.plant,
    speed: number("speed", 1, speedMax),
    scenario: values.scenario,
    seed: number("seed", 0, 2 ** 32 - 1),
    dataDir: values["data-dir"],
    ports: number("ports", 0, 65_535 - portsUsed),
    json: values.json,
    fresh: values.fresh,
  };
  if (options.ports > 0 && options.ports < 1024)
    problems.push(`--ports ${options.ports} is below 1024, which only root may use`);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, options };
}
