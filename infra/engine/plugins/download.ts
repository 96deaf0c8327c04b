import type { Plugin } from "./index";

/** How long the address may take to answer: a machine without a way out must not wait for minutes. */
const answerSeconds = 4;

/** Where the engine downloads a plugin from when nobody says otherwise. */
function address({ name, version }: Plugin): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return `https://get.pulumi.com/releases/plugins/pulumi-resource-${name}-v${version}-${process.platform}-${arch}.tar.gz`;
}

/**
 * Whether Pulumi's own plugins can be downloaded from here: asked with one request each, all at once.
 * @param plugins The plugins that are needed.
 */
export async function canDownload(plugins: readonly Plugin[]): Promise<boolean> {
  const answers = plugins.map(async (plugin) => {
    const signal = AbortSignal.timeout(answerSeconds * 1000);
    return (await fetch(address(plugin), { method: "HEAD", signal })).ok;
  });
  return (await Promise.allSettled(answers)).every((answer) => answer.status === "fulfilled" && answer.value);
}
