/** A Modbus unit that was found, for programs and for people. */
import { formatPlace } from "../configuration/place.ts";
import type { UnitDescription } from "./describe-unit.ts";

export interface FoundAt {
  text: string;
  /** Keys of a connection in the configuration. */
  keys: string;
}

export const unitEvent = (at: FoundAt, found: UnitDescription) => ({
  event: "unit",
  at: at.text,
  connection: at.keys,
  ...found,
});

export function unitLines(at: FoundAt, { unit, identity, registers }: UnitDescription): string[] {
  return [
    `  unit ${unit} at ${at.text}${identity === "" ? "" : `  ${identity}`}`,
    ...registers.map(
      ({ table, address, words }) => `    ${formatPlace({ table, address })}  ${words.join(" ")}`,
    ),
    ...(registers.length === 0
      ? [
          '    answers, but none of the usual first registers is there; take one from its manual: weir-edge probe --read "holding:REGISTER"',
        ]
      : []),
    `    connection {${at.keys}}, device unit ${unit}`,
  ];
}
