import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { present } from "@weir/contracts/present.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { showPorts } from "../commands/ports.ts";
import { linuxSerialPorts } from "./serial-ports.node-fs.ts";

interface Adapter {
  tty: string;
  socket: string;
  ids: [vendor: string, product: string];
  names?: [vendor: string, product: string];
  serial?: string;
  driver: string;
  interface?: string;
  latency?: string;
  byId?: string;
  byPath?: string;
}

/** The parts of /sys, /dev and /proc that tell of serial ports. */
function machine(adapters: readonly Adapter[]): string {
  const root = tempDir();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  for (const adapter of adapters) {
    const { tty, socket, ids, names, serial, driver, latency, byId, byPath } = adapter;
    const number = adapter.interface ?? "00";
    const usb = `sys/devices/usb1/${socket}`;
    const folder = `${usb}/${socket}:1.${Number(number)}/${tty}`;
    write(`${usb}/idVendor`, ids[0]);
    write(`${usb}/idProduct`, ids[1]);
    if (names) {
      write(`${usb}/manufacturer`, names[0]);
      write(`${usb}/product`, names[1]);
    }
    if (serial) write(`${usb}/serial`, serial);
    write(`${usb}/${socket}:1.${Number(number)}/bInterfaceNumber`, number);
    write(`${folder}/port_number`, "0");
    if (latency) write(`${folder}/latency_timer`, latency);
    mkdirSync(join(root, "sys/bus/usb-serial/drivers", driver), { recursive: true });
    link(`${folder}/driver`, join(root, "sys/bus/usb-serial/drivers", driver));
    link(`sys/class/tty/${tty}/device`, join(root, folder));
    if (byId) link(`dev/serial/by-id/${byId}`, `../../${tty}`);
    if (byPath) link(`dev/serial/by-path/${byPath}`, `../../${tty}`);
  }
  // A console has no device; a port of the old kind without a chip has the type 0.
  mkdirSync(join(root, "sys/class/tty/tty1"), { recursive: true });
  mkdirSync(join(root, "sys/devices/platform/serial8250"), { recursive: true });
  write("sys/class/tty/ttyS0/type", "0");
  link("sys/class/tty/ttyS0/device", join(root, "sys/devices/platform/serial8250"));
  write("proc/4711/cmdline", "/usr/bin/node\0/opt/weir/bin/weir-edge.js\0run");
  link("proc/4711/fd/23", "/dev/ttyUSB0");
  return root;
}

const ftdi: Adapter = {
  tty: "ttyUSB0",
  socket: "1-1.2",
  ids: ["0403", "6015"],
  names: ["FTDI", "FT231X USB UART"],
  serial: "DM003456",
  driver: "ftdi_sio",
  latency: "16",
  byId: "usb-FTDI_FT231X_USB_UART_DM003456-if00-port0",
  byPath: "platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-port0",
};
const ch340 = (tty: string, socket: string): Adapter => ({
  tty,
  socket,
  ids: ["1a86", "7523"],
  names: ["", "USB Serial"],
  driver: "ch341-uart",
  byId: "usb-1a86_USB_Serial-if00-port0",
  byPath: `usb-0:${socket}:1.0-port0`,
});

function show(root: string, options: { rules?: boolean; json?: boolean } = {}): string[] {
  const lines: string[] = [];
  const io = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line) };
  const all = { configuration: undefined, rules: false, json: false, ...options };
  showPorts(linuxSerialPorts(root), all, io);
  return lines;
}

test("each port with its names that stay, its users, and what to mind", () => {
  expect(show(machine([ftdi, { ...ch340("ttyUSB1", "1-1.3") }]))).toEqual([
    "/dev/ttyUSB0  FTDI FT231X USB UART (0403:6015), serial number DM003456",
    "  by id     /dev/serial/by-id/usb-FTDI_FT231X_USB_UART_DM003456-if00-port0",
    "  by path   /dev/serial/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-port0",
    "  open in   weir-edge (pid 4711)",
    "  rule      /dev/weir/line-1 by its serial number",
    "  ! it hands bytes on after 16 ms; the rules set 1 ms, which fast lines need",
    "",
    "/dev/ttyUSB1  USB Serial (1a86:7523), no serial number",
    "  by id     /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
    "  by path   /dev/serial/by-path/usb-0:1-1.3:1.0-port0",
    "  rule      /dev/weir/line-2 by its socket",
    "  ! it has no serial number: its names by id may change places; keep it in this socket",
    "",
    "Rules that name the ports for ever: weir-edge ports --rules | sudo tee /etc/udev/rules.d/78-weir-serial.rules",
    "then: sudo udevadm control --reload && sudo udevadm trigger",
  ]);
});

test("rules: by serial number, by socket where there is none, by interface where a device has several ports", () => {
  const four: Adapter = {
    ...ftdi,
    tty: "ttyUSB2",
    socket: "1-1.4",
    serial: "FT4X",
    ids: ["0403", "6011"],
  };
  const adapters = [
    ftdi,
    ch340("ttyUSB1", "1-1.3"),
    four,
    { ...four, tty: "ttyUSB3", interface: "01" },
  ];
  const unlinked = adapters.map(({ byId: _, byPath: __, ...rest }) => rest);
  expect(show(machine(unlinked), { rules: true })).toEqual([
    "# /dev/weir/line-1, by its serial number",
    'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6015", ATTRS{serial}=="DM003456", SYMLINK+="weir/line-1", ENV{ID_MM_PORT_IGNORE}="1"',
    "# /dev/weir/line-2, by its socket",
    'SUBSYSTEM=="tty", KERNELS=="1-1.3", ATTRS{idVendor}=="1a86", ATTRS{idProduct}=="7523", SYMLINK+="weir/line-2", ENV{ID_MM_PORT_IGNORE}="1"',
    "# /dev/weir/line-3, by its serial number",
    'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6011", ATTRS{serial}=="FT4X", ENV{ID_USB_INTERFACE_NUM}=="00", SYMLINK+="weir/line-3", ENV{ID_MM_PORT_IGNORE}="1"',
    "# /dev/weir/line-4, by its serial number",
    'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6011", ATTRS{serial}=="FT4X", ENV{ID_USB_INTERFACE_NUM}=="01", SYMLINK+="weir/line-4", ENV{ID_MM_PORT_IGNORE}="1"',
    "# ModemManager would talk to whatever it takes for a modem; FTDI adapters would wait.",
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0403", ATTR{idProduct}=="6015", ENV{ID_MM_DEVICE_IGNORE}="1"',
    'ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"',
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="1a86", ATTR{idProduct}=="7523", ENV{ID_MM_DEVICE_IGNORE}="1"',
    'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0403", ATTR{idProduct}=="6011", ENV{ID_MM_DEVICE_IGNORE}="1"',
  ]);
});

test("two adapters with one serial number are told apart by their sockets", () => {
  const twin: Adapter = { ...ftdi, tty: "ttyUSB1", socket: "1-1.3" };
  const { byId: _, ...bare } = twin;
  const lines = show(machine([ftdi, { ...bare, byPath: "usb-0:1.3:1.0-port0" }]), { rules: true });
  expect(lines.filter((line) => line.startsWith('SUBSYSTEM=="tty"'))).toEqual([
    expect.stringContaining('KERNELS=="1-1.2"'),
    expect.stringContaining('KERNELS=="1-1.3"'),
  ]);
});

test("as JSON, with the name to write into a configuration", () => {
  const [line] = show(machine([ftdi]), { json: true });
  expect(JSON.parse(present(line))).toMatchObject({
    event: "port",
    name: "/dev/serial/by-id/usb-FTDI_FT231X_USB_UART_DM003456-if00-port0",
    device: "/dev/ttyUSB0",
    driver: "ftdi_sio",
    usb: { vendorId: "0403", serial: "DM003456", socket: "1-1.2" },
    users: [{ pid: 4711, program: "weir-edge" }],
  });
});

test("a machine without serial ports", () => {
  expect(show(machine([]))).toEqual([
    'this machine has no serial port; plug the adapter in and look at "dmesg" if it stays so',
  ]);
});
