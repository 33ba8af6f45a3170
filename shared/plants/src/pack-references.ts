/** Kinds and classes that a pack's part names: each must be known once all parts are together. */
import type { ChannelSign, FailureMode, PlantPack } from "@weir/contracts/plant-pack.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { Problem, SettingPath } from "@weir/runtime/problem.ts";
import type { YamlSource } from "@weir/runtime/yaml-source.ts";

interface Reference {
  path: SettingPath;
  what: "kind" | "class of equipment";
  name: string;
}

/** `pack`: everything together. */
export function unknownReferences(
  { source, content }: { source: YamlSource; content: PlantPack },
  pack: PlantPack,
): Problem[] {
  const known = {
    kind: Object.keys(pack.kinds),
    "class of equipment": Object.keys(pack.equipment),
  };
  return referencesOf(content)
    .filter(({ what, name }) => !known[what].includes(name))
    .map(({ path, what, name }) => {
      const near = nearestName(name, known[what]);
      const remedy = near ? `did you mean ${near}?` : "describe it, or name the pack that does";
      return source.problem(path, `there is no ${what} "${name}"; ${remedy}`);
    });
}

function referencesOf(content: PlantPack): Reference[] {
  const kindsAt = (path: SettingPath, names: readonly string[]): Reference[] =>
    names.map((name, i) => ({ path: [...path, i], what: "kind", name }));
  const signsAt = (path: SettingPath, signs: readonly ChannelSign[]): Reference[] =>
    signs.flatMap(({ kinds }, i) => kindsAt([...path, i, "kinds"], kinds));
  const modesAt = (path: SettingPath, modes: readonly FailureMode[]): Reference[] =>
    modes.flatMap(({ when, urgent, limit }, i) => [
      ...signsAt([...path, i, "when"], when),
      ...signsAt([...path, i, "urgent", "when"], urgent?.when ?? []),
      ...kindsAt([...path, i, "limit", "kinds"], limit?.kinds ?? []),
    ]);
  return [
    ...modesAt(["failureModes"], content.failureModes),
    ...Object.entries(content.equipment).flatMap(([id, { failureModes }]) =>
      modesAt(["equipment", id, "failureModes"], failureModes),
    ),
    ...content.findings.flatMap(({ when, equipment }, i) => [
      ...when.flatMap((signs, j) =>
        signsOf(signs).map(
          ({ kind }): Reference => ({ path: ["findings", i, "when", j], what: "kind", name: kind }),
        ),
      ),
      ...equipment.map(
        (name, j): Reference => ({
          path: ["findings", i, "equipment", j],
          what: "class of equipment",
          name,
        }),
      ),
    ]),
  ];
}

/** "air_flow high and pressure low" in its parts. */
export const signsOf = (text: string): { kind: string; way: string }[] =>
  text.split(" and ").map((sign) => {
    const [kind = "", way = ""] = sign.split(" ");
    return { kind, way };
  });
