// What a Command resource runs: `node commands/run.cjs STEP create|update|delete`, with the step's input as JSON on
// standard input. Progress goes to standard error, the result as JSON to standard output.
require("tsx/cjs");
const [name, operation] = process.argv.slice(2);
void require("./run.ts").main(require(`./steps/${name}.ts`).step, operation);
