/** Who is looking: the sign-in form, and the bar that asks a newcomer for a name and a password. */
import { signal } from "@preact/signals";
import type { Role, SessionView } from "@weir/contracts/api/live.ts";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { ApiFault, get, post } from "./api.ts";

export const session = signal<SessionView | null>(null);

const ladder: readonly Role[] = ["viewer", "operator", "supervisor", "engineer"];

/** May the person signed in do what `role` may? */
export const may = (role: Role): boolean =>
  session.value !== null && ladder.indexOf(session.value.role) >= ladder.indexOf(role);

type State =
  | { at: "loading" }
  | { at: "signed-out" }
  | { at: "signed-in" }
  | { at: "unreachable"; why: string };

export function SessionGate({
  product,
  children,
}: {
  product: string;
  children: ComponentChildren;
}) {
  const [state, setState] = useState<State>({ at: "loading" });
  const load = async () => {
    try {
      session.value = await get<SessionView>("/api/session");
      setState({ at: "signed-in" });
    } catch (error) {
      const signedOut = error instanceof ApiFault && error.status === 401;
      setState(
        signedOut ? { at: "signed-out" } : { at: "unreachable", why: (error as Error).message },
      );
    }
  };
  useEffect(() => void load(), []);
  if (state.at === "loading") return <main class="gate">Loading…</main>;
  if (state.at === "unreachable") {
    return (
      <main class="gate">
        <h1>{product}</h1>
        <p>The server cannot be reached: {state.why}</p>
        <button type="button" onClick={load}>
          Try again
        </button>
      </main>
    );
  }
  if (state.at === "signed-out") return <SignIn product={product} onDone={load} />;
  return (
    <>
      {session.value?.mustSetPassword && <ChoosePassword onDone={load} />}
      {children}
    </>
  );
}

function SignIn({ product, onDone }: { product: string; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    try {
      await post("/api/login", { user: form.get("user"), password: form.get("password") });
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <main class="gate">
      <h1>{product}</h1>
      <p>
        Sign in. On the first visit, use the one-time link that the program printed when it started.
      </p>
      <form onSubmit={submit}>
        <Field name="user" label="Name" autocomplete="username" />
        <Field name="password" label="Password" type="password" autocomplete="current-password" />
        {problem && <p class="problem">{problem}</p>}
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}

function ChoosePassword({ onDone }: { onDone: () => void }) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    try {
      await post("/api/password", { user: form.get("user"), password: form.get("password") });
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <aside class="newcomer">
      <span>You came by a one-time link. Choose a name and a password to come back.</span>
      {!open && (
        <button type="button" onClick={() => setOpen(true)}>
          Choose
        </button>
      )}
      {open && (
        <form onSubmit={submit}>
          <Field name="user" label="Name" autocomplete="username" />
          <Field
            name="password"
            label="Password (10 characters or more)"
            type="password"
            autocomplete="new-password"
          />
          <button type="submit">Save</button>
          {problem && <p class="problem">{problem}</p>}
        </form>
      )}
    </aside>
  );
}

function Field({
  name,
  label,
  type = "text",
  autocomplete,
}: {
  name: string;
  label: string;
  type?: "text" | "password";
  autocomplete: string;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === "password" ? (
        <input id={id} name={name} type="password" autocomplete={autocomplete} required />
      ) : (
        <input id={id} name={name} autocomplete={autocomplete} required />
      )}
    </div>
  );
}
