import { defineConfig, mergeConfig } from "vitest/config";
import whole from "../../../vitest.config.ts";

/** The repository's own configuration over these cases, which `npm test` does not find. */
const config = mergeConfig(whole, defineConfig({}));
export default { ...config, test: { ...config.test, include: ["shared/testing/cases/*.case.ts"] } };
