// Prepares Node for Pulumi's SDK; to be required before it. Works with every engine and changes nothing that a program sees.
const { createRequire } = require("node:module");

const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));

// `require("@pulumi/pulumi")` loads the TypeScript compiler and npm's package tree, three quarters of its start, for one
// feature: turning a JavaScript function into text (dynamic providers, functions as cloud code). Both are put into Node's
// module cache as stand-ins that load the real one on first use: the feature works as ever, and programs without it don't
// wait for it.
loadOnFirstUse("./typescript-shim");
loadOnFirstUse("@npmcli/arborist");

/** Puts a stand-in for one of the SDK's modules into the cache, unless it is loaded already or not installed. */
function loadOnFirstUse(name) {
  let file;
  try {
    file = sdk.resolve(name);
  } catch {
    return; // An SDK that doesn't have it doesn't load it either.
  }
  if (require.cache[file]) return;
  let loaded;
  const load = () => {
    if (!loaded) {
      delete require.cache[file];
      loaded = sdk(file);
    }
    return loaded;
  };
  const exports = new Proxy(
    {},
    {
      // The SDK's own helper copies every property of what is no ES module; said to be one, it is kept as it is.
      get: (_, key) => (key === "__esModule" ? true : load()[key]),
      has: (_, key) => key in load(),
    },
  );
  require.cache[file] = { id: file, filename: file, path: file, loaded: true, children: [], paths: [], exports };
}

// The SDK's source maps put its files at paths that don't exist, such as node_modules/@pulumi/resource.ts. On such a path
// Node 20 and others go round in circles when they colour a stack trace, as the SDK has them do for every error
// (nodejs/node#64011): it took half a minute and 500 MB until the error was shown. Without those maps traces name the SDK's
// JavaScript files, which do exist. Only the SDK's runner of programs turns source maps on; elsewhere there is nothing to put right.
const nothingMapped = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });
const sourceMaps = require.cache[sdk.resolve("source-map-support")]?.exports;
sourceMaps?.install({
  emptyCacheBetweenOperations: true, // Some of the maps may have been read already.
  handleUncaughtExceptions: false, // The SDK decides about those.
  retrieveSourceMap: (source) =>
    /[\\/]@pulumi[\\/]pulumi[\\/]/.test(source) ? { url: source, map: nothingMapped } : null,
});
