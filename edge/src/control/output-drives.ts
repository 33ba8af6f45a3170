/** All outputs of the edge and their second paths. */
import type { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SendUrgent } from "../acquisition/source.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { EventFields } from "../hand-over.ts";
import { type Command, OutputDrive } from "../safety/output-drive.ts";

export interface OutputDrivesOptions {
  configuration: Configuration;
  clock: Clock;
  ioClock: Clock;
  urgentOf: (connection: number) => SendUrgent | undefined;
  report: (event: EventFields) => void;
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
  hold(output: number, value: number, rule: number): void {
    const sinceMs = this.#options.clock.monotonicMs();
    this.#drives[output]!.drive({ value, rule, sinceMs, isSecondPath: false }, true);
  }

  /** Lets go of the output and of its second path; `value` is written once when it is given. */
  release(output: number, value: number | undefined, rule: number): void {
    const { secondary } = this.#options.configuration.outputs[output]!;
    if (secondary !== undefined) this.#drives[secondary]!.release(rule);
    const sinceMs = this.#options.clock.monotonicMs();
    if (value === undefined) this.#drives[output]!.release(rule);
    else this.#drives[output]!.drive({ value, rule, sinceMs, isSecondPath: false }, false);
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
    this.#drives[secondary]!.drive({ ...command, value, isSecondPath: true }, true);
  }

  #report(
    output: number,
    { outcome, command, detail }: { outcome: OutputOutcome; command: Command; detail: string },
  ): void {
    const { configuration, clock, report } = this.#options;
    const { id, place } = configuration.outputs[output]!;
    const isCoil = place.table === "coil";
    report({
      atMs: clock.nowMs(),
      body: {
        case: "output",
        value: {
          output: id,
          rule: configuration.rules[command.rule]!.id,
          state: isCoil ? (command.value === 0 ? "off" : "on") : String(command.value),
          outcome,
          afterMs: clock.monotonicMs() - command.sinceMs,
          detail,
        },
      },
    });
  }
}
