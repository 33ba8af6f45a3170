/**
 * How connections and devices stand, since when, and why; each change is told once. A connection counts
 * as back when something was answered on it, not when a socket opened.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { reason } from "../conditioning/quality.ts";
import { type Configuration, portText } from "../configuration/configuration.ts";
import type { EventFields, SilentLink } from "../hand-over.ts";
import type { Silence } from "./reading-path.ts";

type LinkBody = { connection: string; device: string; up: boolean; text: string };

/** How a connection or device stands. */
export interface LinkState {
  /** undefined: nothing was heard of it, good or bad. */
  isUp: boolean | undefined;
  /** Why it is down; empty while it is not. */
  text: string;
  /** Plant clock, UTC. */
  sinceMs: number;
  /** Of a connection: its bytes' way is open just now, and whether the newest attempt to open it succeeded. */
  isOpen: boolean;
  canOpen: boolean;
}

export interface LinkReportsOptions {
  configuration: Configuration;
  /** Plant clock, UTC. */
  nowMs: () => number;
  report: (event: Pick<EventFields, "body">) => void;
}

export class LinkReports {
  readonly #options: LinkReportsOptions;
  readonly #connections: LinkState[];
  readonly #devices: LinkState[];

  constructor(options: LinkReportsOptions) {
    this.#options = options;
    const { configuration, nowMs } = options;
    const unknown = (): LinkState => ({
      isUp: undefined,
      text: "",
      sinceMs: nowMs(),
      isOpen: false,
      canOpen: true,
    });
    this.#connections = configuration.connections.map(unknown);
    this.#devices = configuration.devices.map(unknown);
  }

  connection(index: number): Readonly<LinkState> {
    return elementAt(this.#connections, index);
  }

  device(index: number): Readonly<LinkState> {
    return elementAt(this.#devices, index);
  }

  /** The bytes' way is open; that is no answer yet. */
  opened(connection: number): void {
    const state = elementAt(this.#connections, connection);
    state.isOpen = true;
    state.canOpen = true;
  }

  answered(connection: number): void {
    if (elementAt(this.#connections, connection).isUp === true) return;
    this.#change(elementAt(this.#connections, connection), true, "");
    this.#tell({ connection: this.#id(connection), device: "", up: true, text: "answers" });
  }

  /** Nothing has been answered on it since it went down. */
  isLost(connection: number): boolean {
    return elementAt(this.#connections, connection).isUp === false;
  }

  lost(connection: number, text: string): void {
    const state = elementAt(this.#connections, connection);
    // One that was lost after it had answered is not known to open again.
    state.canOpen = state.isOpen && state.isUp !== true;
    state.isOpen = false;
    if (state.isUp === false) {
      // The newest reason is the one to be mended; it has been down since the first.
      state.text = text;
      return;
    }
    this.#change(state, false, text);
    this.#tell({ connection: this.#id(connection), device: "", up: false, text });
  }

  deviceChanged(index: number, { isUp, text }: { isUp: boolean; text: string }): void {
    const { connection, id } = elementAt(this.#options.configuration.devices, index);
    this.#change(elementAt(this.#devices, index), isUp, isUp ? "" : text);
    this.#tell({ connection: this.#id(connection), device: id, up: isUp, text });
  }

  watchdog(connection: number, { isUp, text }: { isUp: boolean; text: string }): void {
    this.#tell({ connection: this.#id(connection), device: "watchdog", up: isUp, text });
  }

  /** Why `device` gives no readings; undefined where nothing is known against it or its connection. */
  silenceOf(device: number): Silence | undefined {
    const { connection } = elementAt(this.#options.configuration.devices, device);
    const line = elementAt(this.#connections, connection);
    const own = elementAt(this.#devices, device);
    if (line.isUp === false && !line.canOpen) {
      return { reason: reason.noConnection, text: line.text, isCertain: true };
    }
    if (line.isUp === false && !line.isOpen) {
      return { reason: reason.noConnection, text: line.text, isCertain: false };
    }
    const silent = own.isUp === false ? own : line;
    if (silent.isUp !== false) return undefined;
    return { reason: reason.noAnswer, text: silent.text, isCertain: false };
  }

  silentConnections(): SilentLink[] {
    return this.#options.configuration.connections.flatMap(({ index, id }) => {
      const { isUp, canOpen: isOpen, text, sinceMs } = elementAt(this.#connections, index);
      const at = { connection: id, place: this.#place(index) };
      return isUp === false ? [{ id, ...at, isOpen, text, sinceMs }] : [];
    });
  }

  /** On connections that are not silent as a whole. */
  silentDevices(): SilentLink[] {
    return this.#options.configuration.devices.flatMap(({ index, id, connection }) => {
      const { isUp, text, sinceMs } = elementAt(this.#devices, index);
      if (isUp !== false || this.isLost(connection)) return [];
      const at = { connection: this.#id(connection), place: this.#place(connection) };
      return [{ id, ...at, isOpen: true, text, sinceMs }];
    });
  }

  #change(state: LinkState, isUp: boolean, text: string): void {
    state.isUp = isUp;
    state.text = text;
    state.sinceMs = this.#options.nowMs();
  }

  #id = (connection: number): string =>
    elementAt(this.#options.configuration.connections, connection).id;

  #place(connection: number): string {
    const { port } = elementAt(this.#options.configuration.connections, connection);
    return portText(port);
  }

  #tell(value: LinkBody): void {
    this.#options.report({ body: { case: "deviceLink", value } });
  }
}
