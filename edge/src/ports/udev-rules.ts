/** Rules for udev that give each adapter a name that stays, and keep others from it. */
import { present } from "@weir/contracts/present.ts";
import type { SerialPortInfo, UsbInfo } from "./serial-ports.ts";

export interface PortRule {
  /** What the rule goes by, for the eye. */
  basis: "serial number" | "socket";
  /** The name it gives: "/dev/weir/line-1". */
  name: string;
  lines: string[];
}

/** Where the rules belong: after 60-serial, which sets what they compare, before 80-mm, which reads what they set. */
export const rulesFile = "/etc/udev/rules.d/78-weir-serial.rules";

/**
 * A rule for each port on USB, in the order of `ports`. An adapter without a serial number, or with one that
 * another has as well, is known by its socket.
 */
export function portRules(ports: readonly SerialPortInfo[]): Map<SerialPortInfo, PortRule> {
  const rules = new Map<SerialPortInfo, PortRule>();
  const usb = ports.filter((port) => port.usb !== undefined);
  usb.forEach((port, i) => {
    const own = present(port.usb);
    const sharesSerial = usb.some(
      ({ usb: other }) =>
        other !== own && sameAdapter(present(other), own) && present(other).socket !== own.socket,
    );
    const isUnique = own.serial !== "" && !sharesSerial;
    const hasSiblings = usb.some(
      ({ usb: other }) => other !== own && present(other).socket === own.socket,
    );
    const name = `weir/line-${i + 1}`;
    rules.set(port, {
      basis: isUnique ? "serial number" : "socket",
      name: `/dev/${name}`,
      lines: linesOf(own, { isUnique, hasSiblings, name, isFtdi: port.driver.startsWith("ftdi") }),
    });
  });
  return rules;
}

const sameAdapter = (a: UsbInfo, b: UsbInfo): boolean =>
  a.vendorId === b.vendorId && a.productId === b.productId && a.serial === b.serial;

function linesOf(
  usb: UsbInfo,
  rule: { isUnique: boolean; hasSiblings: boolean; name: string; isFtdi: boolean },
): string[] {
  const product = `ATTRS{idVendor}=="${usb.vendorId}", ATTRS{idProduct}=="${usb.productId}"`;
  // Every match of one rule that looks upwards must hold for the same parent.
  const which = rule.isUnique
    ? `${product}, ATTRS{serial}=="${usb.serial}"`
    : `KERNELS=="${usb.socket}", ${product}`;
  const part = rule.hasSiblings ? `, ENV{ID_USB_INTERFACE_NUM}=="${usb.interface}"` : "";
  const lines = [
    `SUBSYSTEM=="tty", ${which}${part}, SYMLINK+="${rule.name}", ENV{ID_MM_PORT_IGNORE}="1"`,
    `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="${usb.vendorId}", ATTR{idProduct}=="${usb.productId}", ENV{ID_MM_DEVICE_IGNORE}="1"`,
  ];
  if (rule.isFtdi) {
    lines.push(
      `ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="${latencyMs}"`,
    );
  }
  return lines;
}

/** FTDI's own is 16: each answer would be that late. */
export const latencyMs = 1;
