// What npm's scripts run: plain JavaScript without packages, because on a fresh clone there are none yet. It installs them
// when the lock file is newer than what is installed, then hands over to the CLI or, with `--run FILE`, to another program.
const { spawnSync } = require("node:child_process");
const { statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "../..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`odoo-stacks needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const changed = (file) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (changed("node_modules/.package-lock.json") < changed("package-lock.json")) {
  console.log("Installing the project's packages (npm ci) …");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: "inherit" });
  if (npm.status !== 0) {
    console.error("The packages could not be installed: is the npm registry reachable? `npm ping` tells.");
    process.exit(1);
  }
}

const args = process.argv.slice(2);
if (args[0] === "--run") {
  require("tsx/cjs");
  process.argv.splice(1, 3, join(root, args[1]));
  require(join(root, args[1]));
} else {
  process.argv.splice(1, 1, join(__dirname, "bin.cjs"));
  require("./bin.cjs");
}
