/** The operating errors of the simulated works. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  SIM_PORT: {
    retry: true,
    text: (f: { gateway: string; port: number; why: string }) =>
      `${f.gateway} cannot listen on port ${f.port} (${f.why}); choose another with --ports, or 0 for any free one`,
  },
  SIM_SERIAL: {
    retry: true,
    text: (f: { line: string; place: string; why: string }) =>
      `the serial line ${f.line} cannot be had at ${f.place} (${f.why}); choose another place with --serial, such as ${f.line}=tcp:0`,
  },
  SIM_SCENARIO: {
    retry: false,
    text: (f: { problems: readonly string[] }) => f.problems.join("\n"),
  },
  SIM_SCENARIO_UNKNOWN: {
    retry: false,
    text: (f: { name: string; known: readonly string[]; near: string | undefined }) =>
      f.near
        ? `there is no scenario "${f.name}"; did you mean ${f.near}?`
        : `there is no scenario "${f.name}"; known are ${f.known.join(", ")}, or give the path of a YAML file`,
  },
  SIM_INJECT: {
    retry: false,
    text: (f: { problems: readonly string[] }) => f.problems.join("\n"),
  },
  SIM_FILE: {
    retry: false,
    text: (f: { path: string; why: string }) =>
      `${f.path} cannot be written (${f.why}); choose another place`,
  },
  SIM_OPTION: {
    retry: false,
    text: (f: { option: string; value: string; expected: string }) =>
      `${f.option} "${f.value}" is not ${f.expected}`,
  },
  SIM_NOT_RUNNING: {
    retry: true,
    text: (f: { url?: string; why: string }) =>
      `no simulator answers${f.url === undefined ? "" : ` at ${f.url}`} (${f.why}); start one with "weir-sim run --data-dir DIR", or give its address with --url`,
  },
} satisfies FaultCatalogue;

export const SimFault = faultClass(faults);
