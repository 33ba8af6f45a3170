/** An answer other than 200: its status, a stable code and one sentence for the person. */
export class HttpFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "HttpFault";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
