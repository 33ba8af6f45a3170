/**
 * What a test needs of the machine. Without it the test is skipped with one printed line that says how
 * to get it; in CI, where it is promised, its absence fails.
 *
 *     const chromium = needs("chromium");
 *     test.runIf(chromium.present)("the dashboard opens", …)
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export type Tool =
  | "chromium"
  | "docker"
  | "libmodbus"
  | "mosquitto"
  | "npm-registry"
  | "numpy"
  | "pymodbus"
  | "pysparkplug"
  | "python"
  | "pytorch"
  | "sklearn"
  | "socat";

export interface Condition {
  present: boolean;
  /** Where it is, or how to get it. */
  how: string;
  /** The program to start: a path, or "python3" for Python packages. Empty when absent. */
  path: string;
}

interface Tooling {
  find: () => string | undefined;
  get: string;
}

const tools: Readonly<Record<Tool, Tooling>> = {
  chromium: {
    find: findChromium,
    get: "apt-get install chromium, or set CHROMIUM to a browser's path",
  },
  docker: { find: () => onPath("docker"), get: "install Docker" },
  libmodbus: { find: findLibmodbus, get: "apt-get install libmodbus-dev gcc libc6-dev pkg-config" },
  mosquitto: { find: () => onPath("mosquitto"), get: "apt-get install mosquitto" },
  "npm-registry": {
    find: findRegistry,
    get: "let npm reach its registry (npm ping), or name one: npm config set registry",
  },
  numpy: { find: () => pythonWith("numpy"), get: "pip install numpy" },
  pymodbus: { find: () => pythonWith("pymodbus"), get: "pip install pymodbus" },
  pysparkplug: { find: () => pythonWith("pysparkplug"), get: "pip install pysparkplug" },
  python: { find: () => pythonWith("sys"), get: "install Python 3" },
  pytorch: { find: () => pythonWith("torch"), get: "pip install torch" },
  sklearn: { find: () => pythonWith("sklearn"), get: "pip install scikit-learn" },
  socat: { find: () => onPath("socat"), get: "apt-get install socat" },
};

const found = new Map<Tool, Condition>();

/** Looks once a process. @throws in CI (environment variable CI) when it is absent. */
export function needs(tool: Tool): Condition {
  const known = found.get(tool);
  if (known) return known;
  const path = tools[tool].find();
  const condition = path
    ? { present: true, how: path, path }
    : { present: false, how: tools[tool].get, path: "" };
  if (!path && process.env["CI"]) {
    throw new Error(`CI promises ${tool}, but it is not here: ${condition.how}`);
  }
  if (!path) process.stderr.write(`SKIPPED: needs ${tool}, which is not here: ${condition.how}\n`);
  found.set(tool, condition);
  return condition;
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Of whichever registry npm is configured to use: the address that answered. */
function findRegistry(): string | undefined {
  const words = ["ping", "--json", "--fetch-retries=0", "--fetch-timeout=20000"];
  const { status, stdout } = spawnSync("npm", words, { encoding: "utf8" });
  if (status !== 0) return undefined;
  const { registry } = JSON.parse(stdout) as { registry?: string };
  return registry;
}

/** The C compiler, when it can build against libmodbus. */
function findLibmodbus(): string | undefined {
  const cc = onPath("cc");
  const has = spawnSync("pkg-config", ["--exists", "libmodbus"], { stdio: "ignore" }).status === 0;
  return has ? cc : undefined;
}

function findChromium(): string | undefined {
  const given = process.env["CHROMIUM"];
  if (given && existsSync(given)) return given;
  const cache = process.env["PLAYWRIGHT_BROWSERS_PATH"] ?? join(homedir(), ".cache/ms-playwright");
  const folders = existsSync(cache)
    ? readdirSync(cache).filter((n) => n.startsWith("chromium"))
    : [];
  const programs = [
    "chrome-linux/chrome",
    "chrome-linux64/chrome",
    "chrome-linux/headless_shell",
    "chrome-headless-shell-linux64/chrome-headless-shell",
  ];
  const cached = folders.flatMap((folder) =>
    programs.map((program) => join(cache, folder, program)),
  );
  const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
  return cached.find((path) => existsSync(path)) ?? names.map(onPath).find((path) => path);
}

/** PYTHON names another interpreter, such as that of a virtual environment. */
function pythonWith(module: string): string | undefined {
  const python = process.env["PYTHON"] ?? "python3";
  const look = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  return spawnSync(python, ["-c", look], { stdio: "ignore" }).status === 0 ? python : undefined;
}
