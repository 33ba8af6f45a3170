/** What a command is: its options, words, help and work. */

export type OptionSpec =
  | {
      /** "--data-dir" */
      flag: string;
      type: "string";
      default: string | undefined;
      doc: string;
      choices?: readonly string[];
      /** What stands for the value in the help: "DIR". */
      value?: string;
      /** What it was called before; refused with the new name. */
      formerly?: string;
    }
  | {
      flag: string;
      type: "number";
      default: number | undefined;
      doc: string;
      /** Inclusive. */
      min?: number;
      max?: number;
      integer?: boolean;
      value?: string;
      /** What it was called before; refused with the new name. */
      formerly?: string;
    }
  | {
      flag: string;
      type: "boolean";
      default: boolean;
      doc: string;
      /** Of no use to people: not in the help. */
      hidden?: boolean;
    };

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type OptionValue<O extends OptionSpec> = O extends { type: "boolean" }
  ? boolean
  : O extends { type: "number" }
    ? number | (O["default"] extends undefined ? undefined : never)
    : string | (O["default"] extends undefined ? undefined : never);

/** Values of the options under their keys, and the words that are no options. */
export type Args<O extends OptionSpecs> = { [K in keyof O]: OptionValue<O[K]> } & {
  positionals: string[];
};

export interface ProgramIo {
  /** Writes one line to stdout; the line end is added. */
  out(line: string): void;
  /** Writes one line to stderr; the line end is added. */
  err(line: string): void;
  env: Readonly<Record<string, string | undefined>>;
  isTTY: boolean;
  /** From here on nothing that becomes of stdout, stderr or the terminal ends the process. */
  outlive?(): void;
}

export interface Positionals {
  /** "FILE…" */
  name: string;
  doc: string;
  min: number;
  max: number;
}

export interface Command {
  about: string;
  /** Runs until it is stopped, whoever reads along or not. */
  isService?: boolean;
  options: OptionSpecs;
  positionals?: Positionals;
  /** Whole command lines, shown under --help. */
  examples?: readonly string[];
  /** Resolves with the exit code. */
  run(args: Args<OptionSpecs>, io: ProgramIo): Promise<number>;
}

export interface Program {
  name: string;
  about: string;
  version?: string;
  commands: Readonly<Record<string, Command>>;
}

/** Types the `args` of `run` after the options of its own command. */
export function command<const O extends OptionSpecs>(
  spec: Omit<Command, "options" | "run"> & {
    options: O;
    run(args: Args<O>, io: ProgramIo): Promise<number>;
  },
): Command {
  return spec as unknown as Command;
}

/** What stands for an option's value in help and complaints. */
export function placeholder(spec: OptionSpec): string {
  if (spec.type === "boolean") return "";
  if (spec.value) return spec.value;
  if (spec.type === "number") return "N";
  return spec.choices ? spec.choices.join("|") : "TEXT";
}
