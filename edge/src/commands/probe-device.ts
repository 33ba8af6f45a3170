/** Every register tag of a device, read as configured; where that makes no sense, the likeliest meaning. */
import type { ProgramIo } from "@weir/runtime/command.ts";
import { readRegistersAround } from "../acquisition/modbus/read-around.ts";
import type { Configuration, DeviceSettings } from "../configuration/configuration.ts";
import { formatPlace } from "../configuration/place.ts";
import { withUnit } from "../safety/trip-text.ts";
import { type Candidate, candidatesOf } from "./probe-candidates.ts";
import { failureText, type ProbePorts, type ProbeTarget, tagTarget } from "./probe-target.ts";

/** Exit code: 0 when every tag makes sense as configured. */
export async function probeDevice(
  { configuration, device }: { configuration: Configuration; device: DeviceSettings },
  ports: Omit<ProbePorts, "open">,
  { io, asJson }: { io: Pick<ProgramIo, "out" | "err">; asJson: boolean },
): Promise<number> {
  const tags = configuration.tags.filter((tag) => tag.device === device.index);
  let code = 0;
  let seen = 0;
  for (const tag of tags) {
    const isRegister = tag.place?.table === "holding" || tag.place?.table === "input";
    if (!tag.place || !isRegister) continue;
    seen++;
    const target = tagTarget(configuration, tag);
    const read = await readRegistersAround(target, { ...ports, open: target.open });
    const where = formatPlace(tag.place);
    if (!read.ok) {
      const text = failureText(target.way, read.text);
      if (asJson) io.out(JSON.stringify({ event: "tag", tag: tag.id, where, error: text }));
      else io.err(`${tag.id}  ${where}  ${text}`);
      return 1;
    }
    const found = meaningOf(target, read.registers);
    if (!found.isRight) code = 1;
    const { now, likely } = found;
    if (asJson) {
      io.out(JSON.stringify({ event: "tag", tag: tag.id, where, ...found }));
      continue;
    }
    const value = now ? withUnit(now.value, tag) : "cannot be read as configured";
    const advice = found.isRight
      ? ""
      : likely
        ? `  outside ${tag.min} to ${tag.max}; likelier: ${meaningText(likely, target)} = ${withUnit(likely.value, tag)}`
        : `  outside ${tag.min} to ${tag.max}, and nothing near it makes sense`;
    io.out(`${found.isRight ? " " : "!"} ${tag.id}  ${where}  ${value}${advice}`);
  }
  if (seen > 0) return code;
  io.err(
    `${device.id} has no registers to read; "weir-edge status --values" tells what the running agent reads`,
  );
  return 1;
}

function meaningOf(target: ProbeTarget, registers: ReadonlyMap<number, number>) {
  const { configured } = target;
  const candidates = candidatesOf(registers, {
    ...target.expected,
    ...(configured && { configured }),
  });
  const isSingle = (c: Candidate) => c.type.endsWith("16");
  const now = candidates.find(
    (c) =>
      c.offset === 0 &&
      c.type === configured?.type &&
      (c.order === configured.order || (isSingle(c) && c.order === "ABCD")),
  );
  const isRight = now?.isExpected ?? false;
  const likely = isRight ? undefined : candidates.find((c) => c.isExpected);
  return { isRight, now, likely };
}

const meaningText = ({ offset, type, order }: Candidate, { place }: ProbeTarget): string =>
  `${formatPlace({ ...place, address: place.address + offset })} ${type} ${order}`;
