/** What a benchmark is: it prints figures beside their yardsticks, all measured in the same run. */

export interface Report {
  /** One figure or remark. */
  line(text: string): void;
  /** Cells are printed as they are; give numbers their units in `columns`. */
  table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void;
}

export interface Bench {
  /** As the command line names it: "telemetry". */
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly about: string;
  /** `smoke`: the smallest run that goes through every line, for CI; its figures mean nothing. */
  run(options: {
    smoke: boolean;
    report: Report;
    /** Folder of the public data sets; a benchmark that needs them says when they are not there. */
    dataDir: string;
  }): Promise<void>;
}
