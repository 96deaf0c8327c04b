import { benchGrowth } from "./growth";
import { benchPreview } from "./preview";
import { benchRelease } from "./release";
import { benchScale } from "./scale";
import { benchStaging } from "./staging";
import { benchStart } from "./start";

/** What `npm run bench -- NAME [--quick]` runs: measures, prints a table, and ends with one line of figures. */
const benches: Readonly<Record<string, (quick: boolean) => Promise<void>>> = {
  start: benchStart,
  preview: benchPreview,
  release: benchRelease,
  staging: benchStaging,
  scale: benchScale,
  growth: benchGrowth,
};

async function main(args: readonly string[]): Promise<void> {
  const [name = "", ...more] = args.filter((arg) => arg !== "--quick");
  const bench = benches[name];
  if (!bench || more.length > 0) {
    throw new Error(`usage: npm run bench -- ${Object.keys(benches).join("|")} [--quick]`);
  }
  await bench(args.includes("--quick"));
}

// Ctrl-C reaches the programs that a bench runs as well: they end, the bench fails, and cleans up on its way out.
process.on("SIGINT", () => console.log("interrupted: cleaning up"));

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
