#!/usr/bin/env node
import { launch } from "@weir/runtime/launch.js";

await launch({ binUrl: import.meta.url, heapMax: 160, isSmall: true });
