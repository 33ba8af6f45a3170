/**
 * Tells when a connection or a device is lost and when it is back, once each. A connection counts as
 * back when something was answered on it, not when a socket opened.
 */
import type { Configuration } from "../configuration/configuration.ts";
import type { EventFields } from "../hand-over.ts";

type LinkBody = { connection: string; device: string; up: boolean; text: string };

export class LinkReports {
  readonly #configuration: Configuration;
  readonly #report: (event: Pick<EventFields, "body">) => void;
  readonly #isUp: (boolean | undefined)[];

  constructor(configuration: Configuration, report: (event: Pick<EventFields, "body">) => void) {
    this.#configuration = configuration;
    this.#report = report;
    this.#isUp = configuration.connections.map(() => undefined);
  }

  answered(connection: number): void {
    if (this.#isUp[connection] === true) return;
    this.#isUp[connection] = true;
    this.#tell({ connection: this.#id(connection), device: "", up: true, text: "answers" });
  }

  /** Nothing has been answered on it since it went down. */
  isLost(connection: number): boolean {
    return this.#isUp[connection] === false;
  }

  lost(connection: number, text: string): void {
    if (this.#isUp[connection] === false) return;
    this.#isUp[connection] = false;
    this.#tell({ connection: this.#id(connection), device: "", up: false, text });
  }

  device(index: number, { isUp, text }: { isUp: boolean; text: string }): void {
    const { connection, id } = this.#configuration.devices[index]!;
    this.#tell({ connection: this.#id(connection), device: id, up: isUp, text });
  }

  watchdog(connection: number, { isUp, text }: { isUp: boolean; text: string }): void {
    this.#tell({ connection: this.#id(connection), device: "watchdog", up: isUp, text });
  }

  #id = (connection: number): string => this.#configuration.connections[connection]!.id;

  #tell(value: LinkBody): void {
    this.#report({ body: { case: "deviceLink", value } });
  }
}
