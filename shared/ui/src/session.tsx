/** The gate of a web application: the sign-in form, and the bar that asks a newcomer for a name and a password. */
import { useSignalEffect } from "@preact/signals";
import type { SessionView } from "@weir/contracts/api/live.ts";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { ApiFault, get, post } from "./api.ts";
import { serverLink } from "./server-link.ts";
import { session } from "./session-state.ts";
import { setSiteClock } from "./site-clock.ts";

type State =
  | { at: "loading" }
  | { at: "signed-out"; why: string }
  | { at: "signed-in" }
  | { at: "unreachable"; why: string };

/** How often a page that does not hear its server asks whether the session still holds. */
const askAgainMs = 5_000;

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
      const view = await get<SessionView>("/api/session");
      setSiteClock(view.plantNowMs, view.plantRate);
      session.value = view;
      setState({ at: "signed-in" });
    } catch (error) {
      const isSignedOut = error instanceof ApiFault && error.status === 401;
      const why = (error as Error).message;
      setState(isSignedOut ? { at: "signed-out", why: "" } : { at: "unreachable", why });
    }
  };
  useEffect(() => void load(), []);
  useEffect(askWhileLost, []);
  useSignalEffect(() => {
    if (session.value === null)
      setState((old) =>
        old.at === "signed-in" ? { at: "signed-out", why: "Your session has ended." } : old,
      );
  });
  if (state.at === "loading") return <main class="gate">Loading…</main>;
  if (state.at === "unreachable") {
    return (
      <main class="gate">
        <h1>{product}</h1>
        <p class="problem" role="alert">
          No answer: {state.why}. Whatever protects the plant does not depend on this page.
        </p>
        <button type="button" onClick={load}>
          Try again
        </button>
      </main>
    );
  }
  if (state.at === "signed-out") return <SignIn product={product} why={state.why} onDone={load} />;
  return (
    <>
      {session.value?.mustSetPassword && <ChoosePassword onDone={load} />}
      {children}
    </>
  );
}

/** A server that came back may have forgotten the session, or run at another rate. */
function askWhileLost(): () => void {
  const timer = setInterval(() => {
    if (serverLink.peek().at !== "lost" || session.peek() === null) return;
    get<SessionView>("/api/session").then(
      (view) => {
        session.value = view;
        setSiteClock(view.plantNowMs, view.plantRate);
      },
      (error: unknown) => {
        if (error instanceof ApiFault && error.status === 401) session.value = null;
      },
    );
  }, askAgainMs);
  return () => clearInterval(timer);
}

function SignIn({ product, why, onDone }: { product: string; why: string; onDone: () => void }) {
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
      {why && <p role="status">{why}</p>}
      <p>
        Sign in. On the first visit, use the one-time link that the program printed when it started.
      </p>
      <form onSubmit={submit}>
        <Field name="user" label="Name" autocomplete="username" />
        <Field name="password" label="Password" type="password" autocomplete="current-password" />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
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
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
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
