/** The serial ports that Linux tells of in /sys, /dev/serial and /proc. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  agentProgram,
  type PortUser,
  type SerialPortInfo,
  type SerialPorts,
  type UsbInfo,
} from "./serial-ports.ts";

/** `root`: where the trees begin; "/" but for tests. */
export const linuxSerialPorts = (root = "/"): SerialPorts => ({
  list: () => {
    const links = { byId: linksIn(root, "by-id"), byPath: linksIn(root, "by-path") };
    return entriesOf(join(root, "sys/class/tty"))
      .flatMap((name) => {
        const folder = realPath(join(root, "sys/class/tty", name, "device"));
        return folder === undefined || isPhantom(root, name) ? [] : [{ name, folder }];
      })
      .map(({ name, folder }) => describe(root, { name, folder, links }))
      .sort((a, b) => a.device.localeCompare(b.device, "en", { numeric: true }));
  },
  usersOf: (path) => usersOf(root, path),
});

type Links = ReadonlyMap<string, string[]>;

function describe(
  root: string,
  port: { name: string; folder: string; links: { byId: Links; byPath: Links } },
): SerialPortInfo {
  const { name, folder, links } = port;
  const latency = Number(readText(join(folder, "latency_timer")) || Number.NaN);
  const driver = realPath(join(folder, "driver"));
  return {
    device: `/dev/${name}`,
    byId: links.byId.get(name) ?? [],
    byPath: links.byPath.get(name) ?? [],
    driver: driver === undefined ? "" : basename(driver),
    usb: usbOf(folder),
    latencyMs: Number.isFinite(latency) ? latency : undefined,
    users: usersOf(root, `/dev/${name}`),
  };
}

/** Names in /dev/serial/by-… by the device that they lead to. */
function linksIn(root: string, kind: "by-id" | "by-path"): Map<string, string[]> {
  const folder = join(root, "dev/serial", kind);
  const names = new Map<string, string[]>();
  for (const entry of entriesOf(folder).sort()) {
    const target = linkTarget(join(folder, entry));
    if (target === undefined) continue;
    const device = basename(target);
    names.set(device, [...(names.get(device) ?? []), `/dev/serial/${kind}/${entry}`]);
  }
  return names;
}

/** Kernels list ports of the old kind that no chip is behind: their type is 0. */
function isPhantom(root: string, name: string): boolean {
  return name.startsWith("ttyS") && readText(join(root, "sys/class/tty", name, "type")) === "0";
}

/** The USB device above `folder`: the first one up the tree that has a vendor. */
function usbOf(folder: string): UsbInfo | undefined {
  let number = "";
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    number ||= readText(join(at, "bInterfaceNumber"));
    const vendorId = readText(join(at, "idVendor"));
    if (vendorId === "") continue;
    return {
      vendorId,
      productId: readText(join(at, "idProduct")),
      vendor: readText(join(at, "manufacturer")),
      product: readText(join(at, "product")),
      serial: readText(join(at, "serial")),
      interface: number,
      socket: basename(at),
    };
  }
  return undefined;
}

function usersOf(root: string, path: string): PortUser[] {
  const names = new Set([path, realPath(path) ?? path]);
  const users: PortUser[] = [];
  for (const pid of entriesOf(join(root, "proc"))) {
    if (!/^\d+$/.test(pid)) continue;
    const folder = join(root, "proc", pid);
    const holds = entriesOf(join(folder, "fd")).some((fd) => {
      const target = linkTarget(join(folder, "fd", fd));
      return target !== undefined && names.has(target);
    });
    if (holds) users.push({ pid: Number(pid), program: programOf(folder) });
  }
  // Whoever made a pseudo terminal holds both its ends.
  const isPseudo = [...names].some((name) => name.startsWith("/dev/pts/"));
  return isPseudo ? users.filter(({ program }) => program === agentProgram) : users;
}

/** "weir-edge" of "/usr/bin/node /opt/weir/bin/weir-edge.js run". */
function programOf(folder: string): string {
  const words = readText(join(folder, "cmdline")).split("\0").filter(Boolean);
  const isScript = /^(node|python[\d.]*)$/.test(basename(words[0] ?? ""));
  const own = isScript ? words.slice(1).find((word) => !word.startsWith("-")) : words[0];
  const name = basename(own ?? readText(join(folder, "comm"))).replace(/\.[jt]s$/, "");
  // Started from its source the agent is called main.
  return name === "main" && own?.includes("/edge/") ? agentProgram : name;
}

/** Files of the kernel come and go, and some are not for this user: what cannot be read is not there. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const entriesOf = (folder: string): string[] => quietly(() => readdirSync(folder)) ?? [];
const readText = (file: string): string => quietly(() => readFileSync(file, "utf8").trim()) ?? "";
const realPath = (path: string): string | undefined => quietly(() => realpathSync(path));
const linkTarget = (path: string): string | undefined => quietly(() => readlinkSync(path));
