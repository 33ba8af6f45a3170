/** All outputs of the edge and their second paths. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SendUrgent } from "../acquisition/source.ts";
import { type Configuration, levelText } from "../configuration/configuration.ts";
import type { EventFields, OutputState } from "../hand-over.ts";
import type { Command, DriveNews } from "../safety/output-command.ts";
import { byRules, OutputDrive } from "../safety/output-drive.ts";
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
  /** An output stands otherwise than before: the status is worth sending at once. */
  onChange: () => void;
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
          report: (news) => this.#report(output.index, news),
          onFailed: (command) => this.#takeSecondPath(output.index, command),
        }),
    );
  }

  /** Writes at once and keeps the output there. */
  hold({ output, value, rule, overMs }: WriteEffect): void {
    const sinceMs = this.#options.clock.monotonicMs();
    elementAt(this.#drives, output).hold(
      { value, rule, overMs, sinceMs, isSecondPath: false },
      byRules,
    );
  }

  /** Lets go of the output and of its second path; `value` is written once when it is given. */
  release(output: number, value: number | undefined, rule: number): void {
    const { secondary } = elementAt(this.#options.configuration.outputs, output);
    if (secondary !== undefined) elementAt(this.#drives, secondary).release(output);
    const drive = elementAt(this.#drives, output);
    drive.release(byRules);
    if (value === undefined) return;
    const sinceMs = this.#options.clock.monotonicMs();
    drive.set({ value, rule, overMs: 0, sinceMs, isSecondPath: false });
  }

  /** Every output, in the order of the configuration. */
  status(): OutputState[] {
    const { outputs, rules } = this.#options.configuration;
    return outputs.map((output) => {
      const drive = elementAt(this.#drives, output.index).status();
      const { command } = drive;
      return {
        output: output.id,
        outcome: drive.outcome,
        state: command ? levelText(output, command.value) : "",
        rule: command ? elementAt(rules, command.rule).id : "",
        held: drive.isHeld,
        detail: drive.detail,
        remedy: drive.remedy,
        sinceMs: drive.sinceMs,
        isWritten: drive.isWritten,
        writtenAtMs: drive.writtenAtMs,
        attempts: drive.attempts,
        secondary: output.secondary === undefined ? "" : elementAt(outputs, output.secondary).id,
      };
    });
  }

  reconnected(connection: number): void {
    for (const drive of this.#drives) drive.reconnected(connection);
  }

  stop(): void {
    for (const drive of this.#drives) drive.stop();
  }

  #takeSecondPath(output: number, command: Command): void {
    const { outputs } = this.#options.configuration;
    const { secondary } = elementAt(outputs, output);
    if (secondary === undefined || command.isSecondPath) return;
    const value = elementAt(outputs, secondary).safe;
    elementAt(this.#drives, secondary).hold(
      { ...command, value, overMs: 0, isSecondPath: true },
      output,
    );
  }

  #report(output: number, { outcome, command, detail, again, afterMs }: DriveNews): void {
    const { configuration, clock, report, onOutcome, onChange } = this.#options;
    const settings = elementAt(configuration.outputs, output);
    onOutcome(command.rule, output, { outcome, afterMs });
    report({
      atMs: clock.nowMs(),
      body: {
        case: "output",
        value: {
          output: settings.id,
          rule: elementAt(configuration.rules, command.rule).id,
          state: levelText(settings, command.value),
          outcome,
          afterMs,
          detail,
          again,
        },
      },
    });
    onChange();
  }
}
