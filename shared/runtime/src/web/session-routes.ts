/** Signing in and out. */
import type { SessionView } from "@weir/contracts/api/live.ts";
import { refusedWrite } from "../sql.ts";
import type { Accounts, Login, Session } from "./accounts.ts";
import { errorAnswer } from "./error-view.ts";
import type { App } from "./fastify-app.ts";
import { HttpFault } from "./http-fault.ts";
import { RawAnswer } from "./route.ts";
import type { WebServerOptions } from "./web-server-options.ts";

export function addSessionRoutes(
  app: App,
  {
    accounts,
    session,
    inviteCommand,
  }: Pick<WebServerOptions, "session" | "inviteCommand"> & { accounts: Accounts },
): void {
  const viewOf = ({ user, role, mustSetPassword }: Session): SessionView => ({
    user,
    role,
    mustSetPassword,
    ...(session?.() ?? { site: "", version: "", plantNowMs: 0, plantRate: 1 }),
  });

  app.route("GET", "/api/session", {
    access: {},
    handler: (request) => viewOf(request.session as Session),
  });

  app.route("POST", "/api/login", {
    access: { public: true },
    demandsOrigin: true,
    handler: async (request, reply) => {
      const { user, password } = texts(request.body, ["user", "password"]);
      const login = await accounts.logIn({ user, password, ip: request.ip });
      reply.setSession(login.token);
      return viewOf(login.session);
    },
  });

  app.route("POST", "/api/logout", {
    access: {},
    allowsUnnamed: true,
    handler: (request, reply) => {
      accounts.logOut(request.sessionToken);
      reply.setSession(undefined);
    },
  });

  app.route("POST", "/api/password", {
    access: {},
    allowsUnnamed: true,
    handler: async (request) => {
      const { user, password } = texts(request.body, ["user", "password"]);
      const { current } = request.body as { current?: unknown };
      const changed = await accounts.setPassword({
        token: request.sessionToken,
        user,
        password,
        ip: request.ip,
        ...(typeof current === "string" && { current }),
      });
      return viewOf(changed);
    },
  });

  app.route("GET", "/signin", {
    access: { public: true },
    handler: (request, reply) => {
      let login: Login | undefined;
      try {
        login = accounts.redeemSignInToken(request.query["token"] ?? "");
      } catch (error) {
        if (!refusedWrite(error)) throw error;
        const { status, view } = errorAnswer(error);
        reply.status(status);
        return new RawAnswer("text/html; charset=utf-8", linkWaitsPage(view.message));
      }
      if (!login) {
        reply.status(410);
        return new RawAnswer("text/html; charset=utf-8", usedUpPage(inviteCommand));
      }
      reply.setSession(login.token);
      reply.redirect("/");
      return undefined;
    },
  });
}

const linkWaitsPage = (why: string) => `<!doctype html><html lang="en"><title>Weir</title><body>
<h1>This link could not be used just now</h1>
<p>${why}</p>
<p>The link still works afterwards. Who has a name and a password here can <a href="/">sign in</a> all the same.</p></body></html>`;

const usedUpPage = (
  inviteCommand?: string,
) => `<!doctype html><html lang="en"><title>Weir</title><body>
<h1>This link no longer works</h1>
<p>It has been used, or it is too old. If you have a name and a password here, <a href="/">sign in</a>.</p>
<p>If not, ask whoever runs this server for a new link.${
  inviteCommand
    ? ` On its machine, <code>${inviteCommand}</code> prints one that works once; <code>--role</code> says
what you may do, and <code>--data-dir</code> names the server's data folder where it is not the usual one.`
    : ""
}</p></body></html>`;

/** Characters of any text in these bodies. */
const textLengthMax = 1_000;

function texts<Name extends string>(body: unknown, names: readonly Name[]): Record<Name, string> {
  const given = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  for (const name of names) {
    const text = given[name];
    if (typeof text !== "string" || text.length > textLengthMax) {
      throw new HttpFault(400, "FIELD_MISSING", `The body needs "${name}" as a text.`);
    }
  }
  return given as Record<Name, string>;
}
