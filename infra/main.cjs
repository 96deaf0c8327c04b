// What Pulumi runs. TypeScript is transpiled on the way in (types are checked by `npm run check`), so that no build step
// stands between an edit and `pulumi up`.
require("./engine/prepareSdk.cjs");
require("tsx/cjs");
module.exports = require("./index.ts").program;
