// What ssh runs as ProxyCommand for a machine of target `aws`; its input and output are the connection.
require("tsx/cjs");
void require("./reach.ts").main(process.argv.slice(2));
