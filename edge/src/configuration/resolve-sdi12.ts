/** SDI-12 sensors. */
import { present } from "@weir/contracts/present.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import { measureDefault } from "../acquisition/sdi12/sdi12-keys.ts";
import type { DeviceDraft } from "./document-device.ts";
import type { Sdi12Device } from "./line-settings.ts";
import { fault, type Resolving } from "./resolving.ts";

const lastDigit = 9;

/** `takenBy`: sensors of the connection so far, by address and measurement. */
export function resolveSdi12(
  at: Resolving,
  raw: Pick<DeviceDraft, "id" | "unit" | "address" | "measure">,
  { path, takenBy }: { path: SettingPath; takenBy: Map<string, string> },
): Sdi12Device | undefined {
  const address = raw.address ?? (raw.unit === undefined ? undefined : String(raw.unit));
  if (address === undefined) {
    return fault(at, path, '"unit" is missing: the sensor\'s SDI-12 address, 0 to 9, or "address"');
  }
  if (raw.address === undefined && present(raw.unit) > lastDigit) {
    const text = `${raw.unit} is no SDI-12 address; those are 0 to 9, or a letter under "address"`;
    return fault(at, [...path, "unit"], text);
  }
  if (raw.address !== undefined && raw.unit !== undefined) {
    return fault(at, [...path, "address"], "unit and address are both given; keep one");
  }
  const measure = raw.measure ?? measureDefault;
  const key = `${address}${measure}`;
  const other = takenBy.get(key);
  if (other !== undefined) {
    const text = `${other} on this bus has the address ${address} and measures ${measure} already; correct one of the two`;
    return fault(at, [...path, raw.address === undefined ? "unit" : "address"], text);
  }
  takenBy.set(key, raw.id ?? "");
  return { address, measure };
}
