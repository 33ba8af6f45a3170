/** The final elements of the works and where each is wired. */
import { type ActuatorSpec, motor } from "../../actuators/actuator-spec.ts";

const blower = {
  kind: "blower",
  initial: true,
  safe: true,
  feedbacks: ["running", "surge"],
} as const;
/** The second way to stop a pump whose contactor is welded: it stands at another controller. */
const breaker = {
  kind: "breaker",
  initial: true,
  safe: false,
  feedbacks: ["energised", "earthed"],
} as const;
const dosing = {
  kind: "dosing-pump",
  initial: true,
  safe: false,
  feedbacks: ["running", "flow"],
} as const;

/** What a pump that doses its own mind does to the water behind it. */
const overdose = (stage: string) => ({
  shownBy: [`${stage}/CL01`],
  runaway: {
    kind: "contamination" as const,
    type: "runaway-dose",
    signal: `${stage}.cl.post-mix`,
    sigma: 0.011,
    failAbove: 4,
  },
});

export const actuators: readonly ActuatorSpec[] = [
  {
    id: "W04.divert",
    name: "divert_valve",
    kind: "divert-valve",
    stage: "W04",
    gateway: "plc-w-a",
    initial: false,
    // Without power or word the sewage goes to the holding tank: 2.6 h that protect the biology.
    safe: true,
    feedbacks: ["open", "closed"],
  },
  {
    id: "W22.breaker",
    name: "dosing_breaker_w22",
    stage: "W22",
    gateway: "plc-w-a",
    ...breaker,
    feeds: ["W22.dosing"],
  },
  { id: "W12.blower", name: "blower_1", stage: "W12", gateway: "plc-w-b", ...blower },
  { id: "W13.blower", name: "blower_2", stage: "W13", gateway: "plc-w-b", ...blower },
  { id: "W14.blower", name: "blower_3", stage: "W14", gateway: "plc-w-b", ...blower },
  {
    id: "W22.dosing",
    name: "dosing_pump_w22",
    stage: "W22",
    gateway: "plc-w-b",
    ...dosing,
    ...overdose("W22"),
  },
  {
    id: "D11.dosing",
    name: "dosing_pump_d11",
    stage: "D11",
    gateway: "plc-d-b",
    ...dosing,
    ...overdose("D11"),
  },
  { id: "W01.motor", name: "inlet_pump", stage: "W01", gateway: "plc-m", ...motor },
  { id: "W20.motor", name: "ras_pump", stage: "W20", gateway: "plc-m", ...motor },
  { id: "D14.motor", name: "high_lift_pump", stage: "D14", gateway: "plc-m", ...motor },
  {
    id: "D11.breaker",
    name: "dosing_breaker_d11",
    stage: "D11",
    gateway: "plc-m",
    ...breaker,
    feeds: ["D11.dosing"],
  },
];
