/** The version this agent calls itself by; artifacts may demand a least one. */
export const agentVersion = "0.1.0";
