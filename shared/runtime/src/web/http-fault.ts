/** An answer other than 200: its status, a stable code and one sentence for the person. */
export class HttpFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "HttpFault";
    this.status = status;
    this.code = code;
  }
}
