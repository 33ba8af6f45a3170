/** Who is signed in, and what they may do. */
import { signal } from "@preact/signals";
import type { Role, SessionView } from "@weir/contracts/api/live.ts";

export const session = signal<SessionView | null>(null);

const ladder: readonly Role[] = ["viewer", "operator", "supervisor", "engineer"];

/** May the person signed in do what `role` may? */
export const may = (role: Role): boolean =>
  session.value !== null && ladder.indexOf(session.value.role) >= ladder.indexOf(role);
