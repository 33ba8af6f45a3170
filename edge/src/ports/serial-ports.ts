/** Serial ports of this machine, as an installer needs to know them. */

export interface SerialPortInfo {
  /** "/dev/ttyUSB0": given in the order of plugging in, so it may be another adapter tomorrow. */
  device: string;
  /** Names that stay with the adapter; none for ports that are not on USB. */
  byId: string[];
  /** Names that stay with the socket. */
  byPath: string[];
  driver: string;
  usb: UsbInfo | undefined;
  /** Milliseconds that an FTDI adapter keeps bytes before it hands them on. */
  latencyMs: number | undefined;
  users: PortUser[];
}

export interface UsbInfo {
  /** Four hexadecimal digits each. */
  vendorId: string;
  productId: string;
  vendor: string;
  product: string;
  /** Empty where the adapter has none, as the CH340. */
  serial: string;
  /** "00"; adapters of several ports tell them apart by it. */
  interface: string;
  /** "1-1.3": the socket, as the kernel counts them. */
  socket: string;
}

export interface PortUser {
  pid: number;
  /** "weir-edge", "minicom" */
  program: string;
}

/** The agent itself, among the users of a port. */
export const agentProgram = "weir-edge";

export interface SerialPorts {
  list(): SerialPortInfo[];
  /** Processes that have `path` open, as far as this user may see them. */
  usersOf(path: string): PortUser[];
}

/** The name to put into a configuration: with the adapter, else with the socket, else as it is. */
export const steadyName = ({ byId, byPath, device }: SerialPortInfo): string =>
  byId[0] ?? byPath[0] ?? device;
