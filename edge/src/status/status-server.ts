/** The edge's own small web server: read-only pages for the machine it runs on, and one place for orders. */

export interface Reply {
  status: number;
  type: string;
  body: string;
}

export type Routes = Readonly<Record<string, () => Reply | Promise<Reply>>>;

export interface Orders {
  token: string;
  /** @param body the request's JSON. */
  take: (body: unknown) => Promise<Reply>;
}

export interface StatusServer {
  /** "http://127.0.0.1:49152" */
  readonly url: string;
  close(): Promise<void>;
}

export type OpenStatusServer = (options: {
  host: string;
  /** 0: a free one. */
  port: number;
  routes: Routes;
  /** `POST /orders` with the token; without it nothing can be ordered. */
  orders?: Orders;
}) => Promise<StatusServer>;
