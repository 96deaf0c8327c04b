// Makes Pulumi's SDK start in half the time. `require("@pulumi/pulumi")` loads the TypeScript compiler and npm's package
// tree, three quarters of its start, for one feature: turning a JavaScript function into text (dynamic providers, functions
// as cloud code). Both are put into Node's module cache as stand-ins that load the real one on first use, so that
// the feature works as ever and programs without it don't wait. To be required before the SDK.
const { createRequire } = require("node:module");

/** Puts a stand-in for a module into the cache, unless the module is loaded already or not installed. */
function loadOnFirstUse(name, requireFrom) {
  let file;
  try {
    file = requireFrom.resolve(name);
  } catch {
    return; // An SDK that doesn't have it doesn't load it either.
  }
  if (require.cache[file]) return;
  let loaded;
  const load = () => {
    if (!loaded) {
      delete require.cache[file];
      loaded = requireFrom(file);
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

const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
loadOnFirstUse("./typescript-shim", sdk);
loadOnFirstUse("@npmcli/arborist", sdk);
