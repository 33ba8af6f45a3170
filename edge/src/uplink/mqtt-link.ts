/** The line to the fog's broker, as the uplink needs it. Adapters: mqtt-link.mqtt-js.ts, and one in memory for simulations. */

export interface MqttMessage {
  topic: string;
  bytes: Uint8Array;
}

export interface PublishOptions {
  retain: boolean;
}

export interface MqttLink {
  /**
   * One attempt. Resolves when the broker has accepted us; rejects with a Fault EDGE_LINK_*.
   * `will` is what the broker publishes, retained, when it loses us without a farewell.
   */
  connect(will: MqttMessage): Promise<void>;
  /** QoS 1. Rejects with a Fault EDGE_LINK_REFUSED when the broker denies one of them. */
  subscribe(topics: readonly string[]): Promise<void>;
  /** QoS 1: resolves at PUBACK. Rejects when the connection ends before; it is never repeated by itself. */
  publish(message: MqttMessage, options: PublishOptions): Promise<void>;
  onMessage(listener: (message: MqttMessage) => void): void;
  /** The connection that `connect` made has ended, with the reason. Once per connection. */
  onLost(listener: (reason: unknown) => void): void;
  /** Orderly: no will is published. Harmless when not connected. */
  close(): Promise<void>;
}
