import { randomBytes } from "node:crypto";
import * as docker from "../../commands/docker";
import { type Argv, containerAt, exec, inEngine, onEngine } from "../../commands/docker";
import { attempt, run } from "../../core/exec";
import { labels, type Role } from "../../core/labels";
import type { Report } from "../../core/report";
import { inTime, until } from "../../core/until";
import { findContainers, managerEnv, onManager } from "../../swarm/engines";
import { markPlace } from "../../swarm/places";
import { announce } from "../announce";
import type { Host } from "../host";
import { engineTo } from "../peers";
import { psql } from "../psql";
import { copyProgress } from "../snapshot";
import { endWatch } from "../watch";
import * as argv from "./argv";
import { findSource } from "./find";
import type { MoveCheck, MovePlan, MoveSource } from "./plan";
import { scramVerifier } from "./scram";
import * as sql from "./sql";
import { MoveVolume, removeContainer } from "./volume";
import type { Followed, MoveWork } from "./work";

/** Copying some 100 GB over a network, in seconds. */
const copySeconds = 24 * 3600;
/** The copy gets what was written while it was made, in seconds. */
const followSeconds = 3600;
/** Writing down what is due, in seconds. */
const settleSeconds = 600;
/** Rows are counted for so long, in each place. In seconds. */
const countSeconds = 1;
/** Once all is settled, a server ends within this, in seconds; what takes longer is undone. */
const endSeconds = 60;
/** The same for its successor's start. */
const startSeconds = 60;
/** The old server may take this long to come back, in seconds. */
const backSeconds = 600;

/** What a move does on the machines of a platform. */
export class MoveMachines implements MoveWork {
  readonly volume: MoveVolume;
  private readonly names: ReturnType<typeof argv.moveNames>;
  /** The container with the copy, as commands here know it. */
  private readonly copyContainer: string;
  /** Where the old server's log has ended, once it has. */
  private ended?: Promise<string>;
  /** Why nobody waits for that any more, before its time. */
  private early?: Error;
  /** The old server's container, and the web containers, before requests are held. */
  private server = "";
  private clients: readonly string[] = [];

  constructor(
    private readonly plan: MovePlan,
    private readonly host: Host,
    private readonly report: Report,
  ) {
    this.volume = new MoveVolume(plan);
    this.names = argv.moveNames(plan.stack);
    this.copyContainer = inEngine(engineTo(plan.to), this.names.copy);
  }

  find(): Promise<MoveSource> {
    return findSource(this.plan, this.host);
  }

  async copy({ volume }: MoveSource, report: Report): Promise<void> {
    const { stack, serverImage, network } = this.plan;
    const password = randomBytes(24).toString("hex");
    await psql(await this.host.postgres(), "postgres", sql.admitSql(scramVerifier(password)));
    await run(this.there(argv.startCopy(stack, serverImage, network, volume)), { timeoutSeconds: 120 });
    await run(exec(this.copyContainer, argv.moveCommand("copy"), true), {
      input: `${password}\n`,
      report: (line) => copyProgress(line, report),
      timeoutSeconds: copySeconds,
    });
  }

  async follow(): Promise<Followed> {
    await run(exec(this.copyContainer, argv.moveCommand("follow")), { timeoutSeconds: followSeconds });
    await until("the copy keeps up with the database", followSeconds, async () => {
      const answer = await attempt(exec(this.copyContainer, ["psql", "-XAtq", "-U", "postgres", "-c", sql.followsSql]));
      return answer.stdout.trim() === "t";
    }).catch(async (error: unknown) => {
      const { stdout } = await attempt(exec(this.copyContainer, argv.moveCommand("log")), { timeoutSeconds: 30 });
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${stdout.trim()}`);
    });
    const names = (await psql(this.copyContainer, this.plan.database, sql.tablesSql)).trim();
    const tables = names === "" ? [] : names.split("\n").map((line) => JSON.parse(line) as string);
    // Also reads them into the machine's memory, for the time when it counts.
    const counted = sql.counted(await psql(this.copyContainer, this.plan.database, sql.countSql(tables, countSeconds)));
    return { tables: tables.length, countable: tables.filter((table) => counted.has(table)) };
  }

  async tellUsers(): Promise<void> {
    // Without its database Odoo writes errors that say nothing of the version.
    await endWatch(this.plan.stack);
    const message = "Pages may take some seconds to answer. You can go on working.";
    const announcement = { title: "The database goes to another machine", message };
    await announce(await this.host.postgres(), this.plan.database, announcement, this.report);
  }

  async settle({ from, volume }: MoveSource): Promise<void> {
    const { stack, serverImage } = this.plan;
    this.clients = await findContainers(filters(stack, "odoo-web"), { health: "healthy" });
    this.server = await this.host.postgres();
    const position = (await psql(this.server, "postgres", sql.checkpointSql, settleSeconds)).trim();
    await psql(this.copyContainer, "postgres", sql.followCheckpointSql(position, 60), settleSeconds);
    await removeContainer(engineTo(from), this.names.end);
    const end = onEngine(engineTo(from), argv.awaitEnd(stack, serverImage, volume));
    this.ended = run(end, { timeoutSeconds: settleSeconds }).then(sql.shutdownPosition);
    this.early = undefined;
    this.ended.then(
      () => (this.early = new Error(`the server on ${from} has ended by itself`)),
      (error: unknown) => (this.early = error instanceof Error ? error : new Error(String(error))),
    );
  }

  async freeze({ countable }: Followed): Promise<sql.ServerAnswer> {
    const statements = sql.freezeSql(countable, countSeconds);
    const answer = sql.parseAnswer(await psql(this.server, this.plan.database, statements, 30));
    // Nothing has been ended yet.
    if (this.early) throw this.early;
    return answer;
  }

  /**
   * The new server's container is started while the old server ends: until the copy is complete it waits for the lock on the
   * volume, which the copy's container holds.
   */
  async switchOver({ service }: MoveSource): Promise<void> {
    const { stack, to } = this.plan;
    if (!this.ended) throw new Error("nobody waits for the server's end");
    await this.scale(service, 0);
    const position = inTime(this.ended, "the old server has ended", endSeconds);
    const complete = position.then((at) =>
      run(exec(this.copyContainer, argv.moveCommand("finish", at, "20")), { timeoutSeconds: 60 }),
    );
    const started = markPlace("database", stack, to, managerEnv()).then(() => this.scale(service, 1));
    // Both are waited for: what goes on behind the back of an error would get in the way of its undoing.
    await Promise.allSettled([complete, started]);
    await Promise.all([complete, started]);
  }

  async verify({ countable, tables }: Followed, before: sql.ServerAnswer): Promise<MoveCheck> {
    const { database, to } = this.plan;
    const compared = async (): Promise<MoveCheck> => {
      let server = "";
      await until(`PostgreSQL answers on ${to}`, startSeconds, async () => {
        server = (await this.servers(to))[0] ?? "";
        return server !== "" && (await attempt(exec(server, argv.awaitServer(startSeconds)))).exitCode === 0;
      });
      // It may have to read them from the disk.
      const answer = await psql(server, database, sql.verifySql(countable, 3 * countSeconds), 30);
      return sql.compare(before, sql.parseAnswer(answer), tables);
    };
    const reached = this.clients.map((client) => this.reaches(client));
    const [check] = await Promise.all([compared(), this.isWell(to, startSeconds), ...reached]);
    return check;
  }

  async goBack({ service, from }: MoveSource): Promise<void> {
    await this.scale(service, 0);
    // One that is about to end would pass for the one that is waited for.
    const none = async () => (await this.servers(from)).length === 0;
    await until(`the server on ${from} has ended`, backSeconds, none);
    await markPlace("database", this.plan.stack, from, managerEnv());
    await this.scale(service, 1);
    await this.isWell(from, backSeconds);
  }

  async removeContainers({ from }: MoveSource): Promise<void> {
    await Promise.all([
      removeContainer(engineTo(this.plan.to), this.names.copy),
      removeContainer(engineTo(from), this.names.end),
    ]);
  }

  letIn(machine: string, { connectionLimit }: MoveSource): Promise<void> {
    const statement = sql.letInSql(this.plan.database, connectionLimit);
    const isDone = () =>
      this.tell(machine, statement).then(
        () => true,
        () => false,
      );
    // Odoo can't do anything before.
    return until(`the database on ${machine} takes sessions again`, startSeconds, isDone);
  }

  dismiss(machine: string): Promise<void> {
    return this.tell(machine, sql.dismissSql());
  }

  private async tell(machine: string, statements: string): Promise<void> {
    const [server] = await this.servers(machine);
    if (!server) throw new Error(`no PostgreSQL runs on ${machine}`);
    await psql(server, "postgres", statements);
  }

  /** A command as it reaches the machine that the database goes to. */
  private there(command: Argv): Argv {
    return onEngine(engineTo(this.plan.to), command);
  }

  private async scale(service: string, replicas: 0 | 1): Promise<void> {
    await run(onManager(docker.scaleService(service, replicas)), { timeoutSeconds: 60 });
  }

  /** The running containers of the environment's server on a machine. */
  private async servers(machine: string, health?: "healthy"): Promise<readonly string[]> {
    const engine = engineTo(machine);
    const list = docker.containersWithLabels(filters(this.plan.stack, "postgres"), false, health);
    const { stdout } = await attempt(onEngine(engine, list), { timeoutSeconds: 30 });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((id) => inEngine(engine, id));
  }

  private isWell(machine: string, seconds: number): Promise<void> {
    const well = async () => (await this.servers(machine, "healthy")).length > 0;
    return until(`PostgreSQL is well on ${machine}`, seconds, well);
  }

  /** Returns when a container finds the new server under its name; one that is gone meanwhile needs none. */
  private async reaches(client: string): Promise<void> {
    const { exitCode } = await attempt(exec(client, argv.awaitReach(startSeconds)), {
      timeoutSeconds: startSeconds + 30,
    });
    if (exitCode === argv.unreached)
      throw new Error(`The container ${containerAt(client).id.slice(0, 12)} does not reach it.`);
  }
}

const filters = (stack: string, role: Role): readonly string[] =>
  Object.entries(labels(stack, role)).map(([key, value]) => `${key}=${value}`);
