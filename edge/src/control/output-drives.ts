/** All outputs of the edge and their second paths. */
import type { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SendUrgent } from "../acquisition/source.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { EventFields } from "../hand-over.ts";
import { byRules, type Command, OutputDrive } from "../safety/output-drive.ts";
import type { WriteEffect } from "../safety/safety-effect.ts";

export interface OutputDrivesOptions {
  configuration: Configuration;
  clock: Clock;
  ioClock: Clock;
  urgentOf: (connection: number) => SendUrgent | undefined;
  report: (event: EventFields) => void;
  /** What became of an output that `rule` commands. */
  onOutcome: (
    rule: number,
    output: number,
    what: { outcome: OutputOutcome; afterMs: number },
  ) => void;
}

export class OutputDrives {
  readonly #options: OutputDrivesOptions;
  readonly #drives: OutputDrive[];

  constructor(options: OutputDrivesOptions) {
    this.#options = options;
    const { configuration, clock, ioClock, urgentOf } = options;
    this.#drives = configuration.outputs.map(
      (output) =>
        new OutputDrive({
          output,
          clock,
          ioClock,
          urgent: (connection, request, settle) => urgentOf(connection)?.(request, settle),
          report: (outcome, command, detail) =>
            this.#report(output.index, { outcome, command, detail }),
          onFailed: (command) => this.#takeSecondPath(output.index, command),
        }),
    );
  }

  /** Writes at once and keeps the output there. */
  hold({ output, value, rule, overMs }: WriteEffect): void {
    const sinceMs = this.#options.clock.monotonicMs();
    this.#drives[output]!.hold({ value, rule, overMs, sinceMs, isSecondPath: false }, byRules);
  }

  /** Lets go of the output and of its second path; `value` is written once when it is given. */
  release(output: number, value: number | undefined, rule: number): void {
    const { secondary } = this.#options.configuration.outputs[output]!;
    if (secondary !== undefined) this.#drives[secondary]!.release(output);
    const drive = this.#drives[output]!;
    drive.release(byRules);
    if (value === undefined) return;
    const sinceMs = this.#options.clock.monotonicMs();
    drive.set({ value, rule, overMs: 0, sinceMs, isSecondPath: false });
  }

  reconnected(connection: number): void {
    for (const drive of this.#drives) drive.reconnected(connection);
  }

  stop(): void {
    for (const drive of this.#drives) drive.stop();
  }

  #takeSecondPath(output: number, command: Command): void {
    const { outputs } = this.#options.configuration;
    const { secondary } = outputs[output]!;
    if (secondary === undefined || command.isSecondPath) return;
    const value = outputs[secondary]!.safe;
    this.#drives[secondary]!.hold({ ...command, value, overMs: 0, isSecondPath: true }, output);
  }

  #report(
    output: number,
    { outcome, command, detail }: { outcome: OutputOutcome; command: Command; detail: string },
  ): void {
    const { configuration, clock, report, onOutcome } = this.#options;
    const { id, place } = configuration.outputs[output]!;
    const isCoil = place.table === "coil";
    const afterMs = clock.monotonicMs() - command.sinceMs;
    onOutcome(command.rule, output, { outcome, afterMs });
    report({
      atMs: clock.nowMs(),
      body: {
        case: "output",
        value: {
          output: id,
          rule: configuration.rules[command.rule]!.id,
          state: isCoil ? (command.value === 0 ? "off" : "on") : String(command.value),
          outcome,
          afterMs,
          detail,
        },
      },
    });
  }
}
