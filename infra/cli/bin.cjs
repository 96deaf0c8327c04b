#!/usr/bin/env node
require("../engine/prepareSdk.cjs");
require("tsx/cjs");
void require("./main.ts").main(process.argv.slice(2));
