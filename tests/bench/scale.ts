import { docker, runningContainers } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { ReleaseLab } from "../support/releaseLab";
import { progress, succeeded } from "../support/shell";
import type { StackValues } from "../support/project";
import { figure, median, type Row, table } from "./figures";
import { type Throughput, throughput } from "./throughput";

/** Web containers have a quarter of a core each: on two cores, three of them and PostgreSQL then don't wait for each other. */
const webCpus = 0.25;
/** People at work at the same time: enough for every worker of three web machines to have the next request waiting. */
const people = 12;

/** A topology to measure. */
interface Stage {
  /** As the last line has it. */
  readonly name: "A" | "B" | "C2" | "C3";
  readonly platform: StackValues;
}

const stages: readonly Stage[] = [
  { name: "A", platform: { topology: "single-host" } },
  { name: "B", platform: { topology: "split-database" } },
  { name: "C2", platform: { topology: "load-balanced-production", webMachines: 2 } },
  { name: "C3", platform: { topology: "load-balanced-production", webMachines: 3 } },
];

/** What is to be reached: the part of three, or two, that is not lost on the way, and what the proxy may take. */
const targets = { c2: 1.6, c3: 2.1, proxyPercent: 5 };

/** What was measured. */
interface Scaled {
  readonly through: ReadonlyMap<Stage["name"], Throughput>;
  /** Percent of throughput that the proxy takes, on one web machine. */
  readonly proxyCost: number;
  readonly direct: Throughput;
}

/**
 * How much more several web machines answer than one. One production grows from A to B to C, with the same data, and everything
 * on this machine; each web container has the same part of a core. What the proxy costs is measured on one web machine, by turns
 * through the proxy and past it.
 * @param quick A and C with two web machines alone, and short.
 */
export async function benchScale(quick: boolean): Promise<void> {
  const seconds = quick ? 6 : 40;
  const rounds = quick ? 1 : 3;
  const lab = await ReleaseLab.open({ odoo: { workers: 2, cronThreads: 1, webCpus } });
  try {
    const through = new Map<Stage["name"], Throughput>();
    let proxy: Pick<Scaled, "proxyCost" | "direct"> | undefined;
    for (const { name, platform } of quick ? stages.filter(({ name }) => name === "A" || name === "C2") : stages) {
      if (name !== "A") {
        console.log(`growing to ${name}`);
        lab.project.write(lab.project.platform, lab.project.platformValues(platform));
        succeeded(await lab.project.cli(["up", lab.project.name], { timeoutSeconds: 300, onLine: progress }));
      }
      console.log(`${name}: measuring`);
      through.set(name, await measured(await clientsOf(lab), seconds));
      if (name === "A") proxy = await measureProxy(lab, seconds, rounds);
    }
    if (!proxy) throw new Error("the proxy was not measured");
    const scaled: Scaled = { through, ...proxy };
    console.log(`\n${table(rows(scaled))}\n`);
    console.log(closing(scaled));
  } finally {
    await lab.close();
  }
}

/** One session for all: a login alone takes a quarter of a core a second. */
async function clientsOf(lab: ReleaseLab, at?: { host: string; port: number }): Promise<OdooClient[]> {
  const client = new OdooClient(lab.url, at);
  await client.login("admin", lab.password);
  return Array.from({ length: people }, () => client);
}

async function measured(clients: readonly OdooClient[], seconds: number): Promise<Throughput> {
  const result = await throughput(clients, seconds, Math.max(3, seconds / 4));
  if (result.failures.length > 0) throw new Error(`requests failed: ${[...new Set(result.failures)].join("; ")}`);
  return result;
}

/** By turns, because machines are noisy. */
async function measureProxy(
  lab: ReleaseLab,
  seconds: number,
  rounds: number,
): Promise<Pick<Scaled, "proxyCost" | "direct">> {
  const past = await clientsOf(lab, { host: await addressOf(await lab.container("odoo-web")), port: 8069 });
  const behind = await clientsOf(lab);
  const [through, direct]: [Throughput[], Throughput[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    console.log(`the proxy's cost, ${round + 1} of ${rounds}`);
    through.push(await measured(behind, seconds));
    direct.push(await measured(past, seconds));
  }
  const perSecond = (all: readonly Throughput[]) => median(all.map((one) => one.perSecond));
  const middle = { perSecond: perSecond(direct), p95: median(direct.map(({ p95 }) => p95)), failures: [] };
  return { proxyCost: (1 - perSecond(through) / perSecond(direct)) * 100, direct: middle };
}

/** A container's address that this machine reaches: the one on the bridge by which overlay networks lead out. */
async function addressOf(container: string): Promise<string> {
  const sandbox = (await docker("inspect", "--format", "{{.NetworkSettings.SandboxID}}", container)).slice(0, 12);
  const bridge = JSON.parse(await docker("network", "inspect", "docker_gwbridge")) as {
    Containers: Record<string, { Name: string; IPv4Address: string }>;
  }[];
  const end = Object.values(bridge[0]?.Containers ?? {}).find(({ Name }) => Name === `gateway_${sandbox}`);
  const found = (await runningContainers("")).map(({ name }) => name).join(", ");
  if (!end) throw new Error(`no address of ${container} among ${found}`);
  return end.IPv4Address.split("/")[0] ?? "";
}

function rows({ through, proxyCost, direct }: Scaled): Row[] {
  const a = through.get("A");
  const times = (name: Stage["name"]) => ratio(through.get(name)?.perSecond, a?.perSecond);
  return [
    ...[...through].flatMap(([name, { perSecond, p95 }]): Row[] => [
      { what: `${name}: requests per second`, seconds: perSecond, unit: "" },
      { what: `${name}: p95`, seconds: p95, unit: "ms" },
    ]),
    { what: "C2 to A", seconds: times("C2"), least: targets.c2, unit: "×" },
    { what: "C3 to A", seconds: times("C3"), least: targets.c3, unit: "×" },
    { what: "A past the proxy: requests per second", seconds: direct.perSecond, unit: "" },
    { what: "A past the proxy: p95", seconds: direct.p95, unit: "ms" },
    { what: "what the proxy costs, percent", seconds: proxyCost, target: targets.proxyPercent, unit: "" },
  ];
}

const ratio = (value?: number, by?: number): number | undefined =>
  value === undefined || by === undefined ? undefined : value / by;

/** The last line. */
function closing({ through, proxyCost }: Scaled): string {
  const of = ({ name }: Stage) => `${name}=${withUnit(through.get(name)?.perSecond)}`;
  return `bench scale: ${stages.map(of).join(" ")} proxy_cost=${proxyCost.toFixed(1)}%`;
}

const withUnit = (perSecond: number | undefined): string =>
  perSecond === undefined ? figure(undefined) : `${figure(perSecond, "")}rps`;
