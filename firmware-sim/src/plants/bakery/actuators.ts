/** The final elements of the bakery and where each is wired. */
import { type ActuatorSpec, motor } from "../../actuators/actuator-spec.ts";

const burner = (stage: string) =>
  ({
    kind: "burner",
    initial: true,
    safe: false,
    feedbacks: ["flame", "lockout"],
    shownBy: [`${stage}/TE02`, `${stage}/FG01`],
    runaway: {
      kind: "malfunction",
      type: "runaway-burner",
      signal: `${stage}.crown-temperature`,
      sigma: 0.4,
      failAbove: 290,
    },
  }) as const;

export const actuators: readonly ActuatorSpec[] = [
  { id: "CA1.compressor", name: "compressor_1", stage: "CA1", gateway: "plc-air", ...motor },
  { id: "CA2.compressor", name: "compressor_2", stage: "CA2", gateway: "plc-air", ...motor },
  { id: "OV1.burner", name: "burner_zone_1", stage: "OV1", gateway: "plc-oven", ...burner("OV1") },
  { id: "OV2.burner", name: "burner_zone_2", stage: "OV2", gateway: "plc-oven", ...burner("OV2") },
  { id: "OV3.fan", name: "exhaust_fan", stage: "OV3", gateway: "plc-oven", ...motor },
  {
    // The second way to stop a burner whose own valve does not close: it stands at another controller.
    id: "EM1.gas-valve",
    name: "gas_main_valve",
    kind: "gas-valve",
    stage: "EM1",
    gateway: "plc-hall",
    initial: true,
    safe: false,
    feedbacks: ["open", "closed"],
    feeds: ["OV1.burner", "OV2.burner"],
  },
];
