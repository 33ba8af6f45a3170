/** Keys of a device that belong to another type of connection than its own. */
import type { SettingPath } from "@weir/runtime/problem.ts";
import { deviceKeys, typesWith } from "../acquisition/driver-keys.ts";
import type { ConnectionType } from "./configuration.ts";
import { fault, type Resolving } from "./resolving.ts";

export function refuseForeignKeys(
  at: Resolving,
  device: Partial<Record<keyof typeof deviceKeys, unknown>>,
  { type, path }: { type: ConnectionType; path: SettingPath },
): void {
  for (const key of Object.keys(deviceKeys) as (keyof typeof deviceKeys)[]) {
    const types = typesWith(key);
    if (device[key] === undefined || types.includes(type)) continue;
    const text = `means nothing on a connection of type ${type}, only on one of type ${types.join(" or ")}; leave it out`;
    fault(at, [...path, key], text);
  }
}
