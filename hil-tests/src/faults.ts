/** The operating errors of the tests of the whole path. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  FREEZE_BROKEN: {
    retry: false,
    text: (f: { title: string; table: string; screenshots: string }) =>
      `${f.title}\n${f.table}\nscreenshots of all pages: ${f.screenshots}`,
  },
  PAGE_NOT_SEEN: {
    retry: false,
    text: (f: { command: string; line: string; said: string }) =>
      `${f.command}: "${f.line}" is not seen; what is:\n${f.said}`,
  },
  LOOP_COMMAND: {
    retry: false,
    text: (f: { command: string; code: number; said: string }) =>
      `${f.command} ended with code ${f.code}\n${f.said}`,
  },
  LOOP_NOT_REACHED: {
    retry: false,
    text: (f: { what: string; withinMs: number; last: string; said: string }) =>
      `${f.what}: not reached within ${f.withinMs} ms; last seen ${f.last}\n${f.said}`,
  },
  HIL_NO_ANSWER: {
    retry: true,
    text: (f: { connection: string; why: string }) =>
      `${f.connection} does not answer (${f.why}); see that it is wired and that nothing else uses it`,
  },
  HIL_CONFIGURATION: {
    retry: false,
    text: (f: { problems: string }) => f.problems,
  },
  HIL_COMMAND: {
    retry: false,
    text: (f: { command: string; said: string }) => `${f.command} failed: ${f.said}`,
  },
  SIM_LINE_CUT: { retry: true, text: (f: { where: string }) => `the line was cut ${f.where}` },
  SIM_CONFIGURATION: {
    retry: false,
    text: (f: { problems: string }) => `the generated configuration is refused:\n${f.problems}`,
  },
  SIM_PROMISE_BROKEN: {
    retry: false,
    text: (f: { check: string; at: string; why: string; replay: string; lately: string }) =>
      `FAIL ${f.check} at ${f.at}: ${f.why}\nlately: ${f.lately}\nreplay: ${f.replay}`,
  },
  SIM_IMPORT: { retry: false, text: (f: { said: string }) => `weir-fog import: ${f.said}` },
} satisfies FaultCatalogue;

export const HilFault = faultClass(faults);
