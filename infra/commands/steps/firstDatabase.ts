import type { StepModule } from "../step";
import { runInContainer } from "../job";

/** What the first database is made with. */
export interface FirstDatabaseInput {
  readonly dockerHost: string;
  readonly stack: string;
  /** ID of the Odoo image. */
  readonly image: string;
  /** Name of the environment's network. */
  readonly network: string;
  /** Name of the volume with the filestore. */
  readonly filestoreVolume: string;
  /** Address, role, name and password, as psycopg2 takes them. */
  readonly database: { host: string; port: number; user: string; password: string; dbname: string };
  /** The rendered odoo.conf. */
  readonly odooConf: string;
  readonly modules: readonly string[];
  readonly demo: boolean;
  readonly language: string;
  /** ISO code of the first company's country. */
  readonly country?: string;
  readonly admin: { login: string; email?: string; password: string };
  readonly baseUrl: string;
  /** Certificates that the server is checked against, as PEM. @default its certificate is not checked */
  readonly trust?: string;
}

/** What there is afterwards. */
export interface FirstDatabaseResult {
  /** True when this run finished the database; false when it was there already. */
  readonly made: boolean;
  /** Installed modules and their versions. */
  readonly modules: Readonly<Record<string, string>>;
}

/** A first database with all of Sales takes half a minute; large sets of modules, or a slow disk, a multiple. */
const timeoutSeconds = 3600;

/** Creates an environment's first database: modules, administrator, address. It never removes one. */
export const step: StepModule<FirstDatabaseInput, FirstDatabaseResult> = {
  async apply(input, report) {
    const output = await runInContainer(
      {
        dockerHost: input.dockerHost,
        stack: input.stack,
        program: "first_database",
        image: input.image,
        network: input.network,
        volumes: [`${input.filestoreVolume}:/var/lib/odoo`],
        // Shared by all stacks of the Engine, and no more than a cache: it may be removed at any time.
        cache: { volume: "odoo-stacks-seeds", path: "/seeds" },
        input,
        timeoutSeconds,
      },
      report,
    );
    return JSON.parse(output) as FirstDatabaseResult;
  },
  // The database lives in its volume and goes with that.
  remove: () => Promise.resolve(),
};
