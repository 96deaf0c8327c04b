// What a Command resource runs: `node commands/run.cjs STEP create|update|delete`, with the step's input as JSON on
// standard input. Progress goes to standard error, the result as JSON to standard output.
require("tsx/cjs");
void require("./run.ts").main(process.argv[2], process.argv[3]);
