import { exec } from "../commands/docker";
import { odooPorts } from "../commands/odooConf";
import { attempt } from "../core/exec";
import { psql } from "./psql";

/** What came of asking a container for pages. */
export interface Warmed {
  readonly requests: number;
  /** Addresses that were not answered well, and how. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** A container to be made ready. */
export interface WarmTarget {
  /** The running web container. */
  readonly container: string;
  /** A host name that leads to it: several websites in one Odoo are told apart by it. */
  readonly host: string;
}

/** As {@link warmWorkers}, for the web containers of all machines, at the same time. */
export async function warmAll(
  targets: readonly WarmTarget[],
  workers: number,
  withinSeconds: number,
): Promise<Warmed[]> {
  return Promise.all(targets.map((target) => warmWorkers(target, workers, withinSeconds)));
}

/** The first of several that answered nothing, if there is one: no version to send people to. */
export const unanswered = (warmed: readonly Warmed[]): Warmed | undefined =>
  warmed.find(({ failures, requests }) => failures.length >= requests);

/**
 * Has every process of a web container answer once, so that nobody waits for it to read the models that an upgrade changed,
 * which takes each process a second or two. A process answers one request at a time: twice as many at once as there are
 * processes reach all of them.
 * @param target The container.
 * @param workers Its HTTP processes.
 * @param withinSeconds Requests that take longer are given up.
 */
export function warmWorkers(target: WarmTarget, workers: number, withinSeconds: number): Promise<Warmed> {
  const http = Array.from({ length: 2 * workers }, () => `http://127.0.0.1:${odooPorts.http}/web/login`);
  // The process for websockets reads the models too. It may not be up yet right after the container's start: then it reads
  // them as they are when it is.
  return request(target, [...http, `http://127.0.0.1:${odooPorts.gevent}/web/login`], http.length + 1, withinSeconds);
}

/**
 * Has a web container make the scripts and styles of its pages where they differ from those that are there: all bundles that
 * this database has been asked for before. Takes up to some seconds each where they do, about 0.1 s where not. Odoo invites
 * everyone to load the page anew when it has made new ones, 10 to 60 s later.
 * @param target The container, of the version that people are about to use.
 * @param postgres The running postgres container.
 * @param database The database's name.
 * @param withinSeconds Requests that take longer are given up.
 */
export async function warmAssets(
  target: WarmTarget,
  postgres: string,
  database: string,
  withinSeconds: number,
): Promise<Warmed> {
  const used = (await psql(postgres, database, usedBundles)).split("\n").filter(Boolean);
  const urls = used.length > 0 ? used : usualBundles;
  // A process is busy with one for seconds: some are left for the health check.
  return request(
    target,
    urls.map((path) => `http://127.0.0.1:${odooPorts.http}${path}`),
    2,
    withinSeconds,
  );
}

/**
 * A version that no bundle has: Odoo then finds out the one that its files have, and leads there
 * (content_assets in addons/web/controllers/binary.py).
 */
const noVersion = "0000000";

/** Addresses are `/web/assets/VERSION/NAME`, with a website's number before the version where there are several. */
const usedBundles = `SELECT DISTINCT regexp_replace(url, '/[^/]+(/[^/]+)$', '/${noVersion}\\1') FROM ir_attachment
  WHERE url LIKE '/web/assets/%' AND url ~ '[.]min[.](js|css)$' AND res_model = 'ir.ui.view' AND res_id = 0 AND public
  ORDER BY 1`;

/** What the login page and the pages behind it load. */
const usualBundles = [
  ...["web.assets_frontend.min.css", "web.assets_frontend_minimal.min.js", "web.assets_frontend_lazy.min.js"],
  ...["web.assets_web.min.css", "web.assets_web.min.js"],
].map((name) => `/web/assets/${noVersion}/${name}`);

/** Asks for pages, several at once, from inside the container. */
async function request(
  { container, host }: WarmTarget,
  urls: readonly string[],
  atOnce: number,
  withinSeconds: number,
): Promise<Warmed> {
  const start = performance.now();
  const argv = ["curl", "--config", "-"];
  const options = { input: curlConfig(urls, host, atOnce, withinSeconds), timeoutSeconds: withinSeconds + 5 };
  const { exitCode, stdout, stderr } = await attempt(exec(container, argv, true), options);
  const answers = stdout.split("\n").filter((line) => line !== "");
  const bad = answers.filter((line) => !line.startsWith("200 "));
  const silent = answers.length < urls.length ? [`exit code ${exitCode} ${stderr.trim()}`] : [];
  return { requests: urls.length, failures: [...bad, ...silent], seconds: (performance.now() - start) / 1000 };
}

/** What curl is to do, in its own language: https://curl.se/docs/manpage.html#-K */
export function curlConfig(urls: readonly string[], host: string, atOnce: number, withinSeconds: number): string {
  const quote = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return [
    ...["silent", "location", "parallel", "parallel-immediate"],
    `parallel-max = ${atOnce}`,
    `max-time = ${Math.ceil(withinSeconds)}`,
    `header = ${quote(`Host: ${host}`)}`,
    `write-out = ${quote(String.raw`%{http_code} %{time_total} %{url}\n`)}`,
    ...urls.flatMap((url) => [`url = ${quote(url)}`, 'output = "/dev/null"']),
  ].join("\n");
}
