#!/usr/bin/env node
require("tsx/cjs");
void require("./main.ts").main(process.argv.slice(2));
