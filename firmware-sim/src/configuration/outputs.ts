/** Outputs of a simulated plant as an edge is told of them. */
import type { ActuatorKind } from "../actuators/actuator-spec.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import type { YamlValue } from "./yaml-text.ts";

/** Time in which the feedback must follow, of the plant. */
const feedbackWithin: Readonly<Record<ActuatorKind, string>> = {
  "dosing-pump": "10s",
  "divert-valve": "30s",
  motor: "15s",
  blower: "60s",
  breaker: "5s",
  burner: "5s",
  "gas-valve": "5s",
};

/** By name; `own` are the gateways that the edge reaches. */
export function outputsOf(
  plant: PlantDefinition,
  own: readonly string[],
): Record<string, YamlValue> {
  const outputs: Record<string, YamlValue> = {};
  for (const id of own) {
    for (const { actuator, coil, feedback } of plant.registerMaps.get(id)?.actuators ?? []) {
      outputs[actuator.name] = {
        write: `coil ${id}/1:${coil}`,
        safe: actuator.safe ? "on" : "off",
        feedback: {
          read: `discrete ${id}/1:${feedback}`,
          within: feedbackWithin[actuator.kind],
        },
        secondary: secondPathOf(plant, actuator.id, own),
      };
    }
  }
  return outputs;
}

/** The second way to stop an element, if this edge reaches it. */
const secondPathOf = (
  { actuators }: PlantDefinition,
  id: string,
  own: readonly string[],
): string | undefined =>
  actuators.find(({ feeds, gateway }) => feeds?.includes(id) && own.includes(gateway))?.name;
