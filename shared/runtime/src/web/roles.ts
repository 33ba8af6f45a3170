/** Who may do what: each role may do all that the ones before it may. */
import type { Role } from "@weir/contracts/api/live.ts";

export const roles: readonly Role[] = ["viewer", "operator", "supervisor", "engineer"];

export const roleAllows = (role: Role, needed: Role): boolean =>
  roles.indexOf(role) >= roles.indexOf(needed);
