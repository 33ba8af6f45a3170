/** The edge's own small web server: four read-only pages for the machine it runs on. */

export interface Reply {
  status: number;
  type: string;
  body: string;
}

export type Routes = Readonly<Record<string, () => Reply | Promise<Reply>>>;

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
}) => Promise<StatusServer>;
