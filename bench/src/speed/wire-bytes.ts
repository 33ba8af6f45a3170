/**
 * What a message costs on the interface, both directions together, connection already open:
 *
 *   segment   IPv4 20 + TCP 20 + timestamps option 12 = 52, for each 1 448 bytes
 *   record    TLS 1.3: header 5 + content type 1 + tag 16 = 22, for each 16 384 bytes
 *   MQTT      PUBLISH as QoS 1; PUBACK back, which carries the TCP ACK; an ACK for the PUBACK
 *   HTTP/1.1  request head + body; an ACK for every second segment; response; an ACK for it
 *
 * Ethernet frames (38 bytes each with gap and preamble) are not counted: most uplinks are no Ethernet.
 */
import { Buffer } from "node:buffer";

/** Of the start that numbered a batch: any 64 bits are eight bytes on the wire. */
export const incarnation = "9876543210987654321";

const segmentHeaderBytes = 20 + 20 + 12;
const segmentBytes = 1448;
const recordOverheadBytes = 5 + 1 + 16;
const recordBytes = 16_384;
const pubackBytes = 4;

const segmentsOf = (bytes: number): number => Math.ceil(bytes / segmentBytes);

const sealedBytes = (bytes: number): number =>
  bytes + recordOverheadBytes * Math.ceil(bytes / recordBytes);

/** MQTT's variable byte integer. */
const remainingLengthBytes = (length: number): number =>
  length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;

/** One QoS 1 PUBLISH of `payloadBytes` on `topic` and all that answers it. */
export function mqttBytes(topic: string, payloadBytes: number): number {
  const variable = 2 + Buffer.byteLength(topic) + 2 + payloadBytes;
  const publish = sealedBytes(1 + remainingLengthBytes(variable) + variable);
  const puback = sealedBytes(pubackBytes);
  const segments = segmentsOf(publish);
  const acknowledgements = Math.floor((segments - 1) / 2) + 1;
  return publish + puback + (segments + 1 + acknowledgements) * segmentHeaderBytes;
}

const requestHead = (path: string, host: string, bodyBytes: number): string =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/proto",
    "Connect-Protocol-Version: 1",
    "User-Agent: weir-fog/0.1.0",
    `Content-Length: ${bodyBytes}`,
    "Connection: keep-alive",
    "\r\n",
  ].join("\r\n");

const responseHead = (bodyBytes: number): string =>
  [
    "HTTP/1.1 200 OK",
    "content-type: application/proto",
    `content-length: ${bodyBytes}`,
    "Date: Tue, 02 Jun 2026 05:00:00 GMT",
    "Connection: keep-alive",
    "Keep-Alive: timeout=120",
    "\r\n",
  ].join("\r\n");

/** One POST of `bodyBytes` answered by `answerBytes`. */
export function httpsBytes(path: string, bodyBytes: number, answerBytes: number): number {
  const request = sealedBytes(requestHead(path, "cloud.example.com", bodyBytes).length + bodyBytes);
  const response = sealedBytes(responseHead(answerBytes).length + answerBytes);
  const segments = segmentsOf(request);
  const acknowledgements = Math.floor(segments / 2) + 1;
  const back = segmentsOf(response);
  return request + response + (segments + acknowledgements + back) * segmentHeaderBytes;
}
