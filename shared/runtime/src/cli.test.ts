import { describe, expect, test } from "vitest";
import { command, type ProgramIo, runProgram } from "./cli.ts";
import { commonOptions } from "./common-options.ts";
import { RuntimeFault } from "./faults.ts";

interface Run {
  code: number;
  out: string;
  err: string;
  args: object | undefined;
}

async function run(argv: string[], failure?: unknown): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const io: ProgramIo = { out: (l) => out.push(l), err: (l) => err.push(l), env: {}, isTTY: false };
  let seen: object | undefined;
  const program = {
    name: "weir-x",
    about: "tries things.",
    version: "9.9.9",
    commands: {
      run: command({
        about: "Runs until it is stopped.",
        options: {
          ...commonOptions,
          port: {
            flag: "--port",
            type: "number",
            default: 0,
            min: 0,
            max: 65_535,
            integer: true,
            doc: "Where.",
          },
          ratio: { flag: "--ratio", type: "number", default: undefined, doc: "How much." },
          loud: { flag: "--loud", type: "boolean", default: true, doc: "Whether it sings." },
        },
        examples: ["weir-x run --port 80"],
        run: async (args) => {
          const typed: [number, number | undefined, string, string | undefined, boolean] = [
            args.port,
            args.ratio,
            args.logLevel,
            args.config,
            args.json,
          ];
          expect(typed).toHaveLength(5);
          seen = args;
          if (failure) throw failure;
          return 0;
        },
      }),
      import: command({
        about: "Reads files.",
        options: {},
        positionals: { name: "FILE…", doc: "Parquet files.", min: 1, max: 2 },
        run: async (args) => {
          seen = args;
          return args.positionals.length;
        },
      }),
    },
  };
  const code = await runProgram(program, argv, io);
  return { code, out: out.join("\n"), err: err.join("\n"), args: seen };
}

describe("values", () => {
  test("defaults, both writings, switches", async () => {
    expect((await run(["run"])).args).toEqual({
      config: undefined,
      dataDir: undefined,
      clock: undefined,
      logLevel: "info",
      json: false,
      port: 0,
      ratio: undefined,
      untilStdinEnds: false,
      loud: true,
      positionals: [],
    });
    const { args } = await run([
      "run",
      "--port",
      "80",
      "--config=a=b",
      "--json",
      "--no-loud",
      "--ratio",
      "-2.5",
    ]);
    expect(args).toMatchObject({ port: 80, config: "a=b", json: true, loud: false, ratio: -2.5 });
  });

  test("words, and -- before a word that looks like an option", async () => {
    expect(await run(["import", "a", "b"])).toMatchObject({
      code: 2,
      args: { positionals: ["a", "b"] },
    });
    expect((await run(["import", "--", "--x"])).args).toEqual({ positionals: ["--x"] });
  });
});

describe("a usage error is one sentence and exit code 2", () => {
  test.each([
    [["rn"], "weir-x: there is no command rn; did you mean run?"],
    [["zzzz"], "weir-x: there is no command zzzz; the commands are run, import"],
    [["constructor"], "weir-x: there is no command constructor; the commands are run, import"],
    [["--port", "1"], "weir-x: --port stands before the command; the commands are run, import"],
    [["run", "--prot", "1"], "weir-x: there is no option --prot; did you mean --port?"],
    [["run", "--port"], "weir-x: --port needs a value: --port N"],
    [["run", "--port", "x"], 'weir-x: --port "x" is not a number'],
    [["run", "--port", ""], 'weir-x: --port "" is not a number'],
    [["run", "--port", "1.5"], "weir-x: --port 1.5 is not a whole number"],
    [["run", "--port", "-1"], "weir-x: --port -1 is below 0, the least it may be"],
    [["run", "--port", "70000"], "weir-x: --port 70000 is above 65535, the most it may be"],
    [["run", "--log-level", "inf"], 'weir-x: --log-level "inf" is unknown; did you mean info?'],
    [
      ["run", "--log-level", "xxxxxx"],
      'weir-x: --log-level "xxxxxx" is unknown; give one of debug, info, warn, error',
    ],
    [["run", "--json=maybe"], "weir-x: --json takes no value; write --json alone"],
    [["run", "extra"], 'weir-x: "extra" is one word too many'],
    [["import"], "weir-x: FILE… is missing: Parquet files."],
    [["import", "a", "b", "c"], 'weir-x: "c" is one word too many'],
  ])("%j", async (argv, sentence) => {
    const { code, err, args } = await run(argv);
    expect(code).toBe(2);
    expect(err.split("\n")[0]).toBe(sentence);
    expect(args).toBeUndefined();
  });

  test("all of them at once", async () => {
    const { err } = await run(["run", "--prot", "--log-level", "no", "x"]);
    expect(err.split("\n")).toHaveLength(4);
  });
});

describe("help and version", () => {
  test("of the program", async () => {
    for (const argv of [["--help"], ["-h"], ["help"]]) {
      const { code, out } = await run(argv);
      expect(code).toBe(0);
      expect(out).toContain("  run     Runs until it is stopped.\n  import  Reads files.");
    }
    expect(await run(["--version"])).toMatchObject({ code: 0, out: "weir-x 9.9.9" });
    expect(await run([])).toMatchObject({ code: 2, out: "" });
  });

  test("of a command", async () => {
    for (const argv of [
      ["run", "--help"],
      ["help", "run"],
      ["run", "--prot", "-h"],
    ]) {
      const { code, out } = await run(argv);
      expect(code).toBe(0);
      expect(out).toContain("  --port N            Where. [0 to 65535; default 0]\n");
      expect(out).toContain("Examples:\n  weir-x run --port 80");
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    }
    expect((await run(["import", "--help"])).out).toContain("Usage: weir-x import [OPTIONS] FILE…");
  });
});

describe("what goes wrong while it runs", () => {
  test("a fault is its sentence and exit code 1", async () => {
    const fault = new RuntimeFault("RUNTIME_CLOCK_SPEC", { text: "x", rateMax: 5 });
    const { code, err } = await run(["run"], fault);
    expect(code).toBe(1);
    expect(err).toBe(`weir-x: ${fault.message}`);
  });

  test("a bug is short, with its stack only for --log-level debug", async () => {
    expect((await run(["run"], new TypeError("boom"))).err).toBe(
      'weir-x: internal error: boom\nRun it again with "--log-level debug" to see where.',
    );
    for (const level of [["--log-level", "debug"], ["--log-level=debug"]])
      expect((await run(["run", ...level], new TypeError("boom"))).err).toContain("at ");
  });
});
