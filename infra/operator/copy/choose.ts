import { join } from "node:path";
import { UserError } from "../../core/errors";
import { attempt } from "../../core/exec";
import { canShare } from "./files";
import type { Origin, OriginFolder } from "./origin";
import { type CopyMethod, type CopyMethodChoice, copyFolders, type CopyPlan, type CopySource } from "./plan";

const { own } = copyFolders;

/** How a source is copied. */
export interface Way {
  /** How the files of the database are copied. */
  readonly method: CopyMethod;
  /** Why, for people. */
  readonly because: string;
  /** Whether copied files of the filestore share their blocks with the source's. */
  readonly sharesFiles: boolean;
}

/** What the way depends on. */
export interface Choice {
  readonly asked: CopyMethodChoice;
  readonly source: Pick<CopySource, "stack" | "elsewhere">;
  /** Whether the copy is of a set, which no server runs on. */
  readonly isSet: boolean;
  /** Whether copies can share blocks with the source's cluster, and with its files. */
  readonly shares: { readonly cluster: boolean; readonly files: boolean };
}

/**
 * Decides how the files of the database are copied, and says why.
 * @throws UserError when what is asked for can't be done here.
 */
export async function chooseWay(plan: CopyPlan, { set, cluster, files }: Origin): Promise<Way> {
  const shares = {
    cluster: !cluster.reach && (await canShare(join(cluster.path, "PG_VERSION"), own.database)),
    // Where both are on this machine, what holds for the cluster holds for the files.
    files: cluster.reach !== undefined && !files.reach && (await canShareFiles(files)),
  };
  return decideWay({ asked: plan.method, source: plan.source, isSet: set !== undefined, shares });
}

/** Whether copies of a source's files can share their blocks here. Tries it with any of them. */
export async function canShareFiles({ path }: OriginFolder): Promise<boolean> {
  const { stdout } = await attempt(["find", path, "-type", "f", "-print", "-quit"], { timeoutSeconds: 30 });
  return stdout.trim() !== "" && canShare(stdout.trim(), own.files);
}

/** The part of {@link chooseWay} that only thinks. */
export function decideWay(choice: Choice): Way {
  const { elsewhere = {} } = choice.source;
  const { method, because } = elsewhere.database === undefined ? decideHere(choice) : decideElsewhere(choice);
  const shares = elsewhere.database === undefined ? method === "reflink" : choice.shares.files;
  return elsewhere.files === undefined
    ? { method, because, sharesFiles: shares }
    : { method, because: `${because}; its files come from ${elsewhere.files}`, sharesFiles: false };
}

type Decision = Omit<Way, "sharesFiles">;

const asAsked = (method: CopyMethod): Decision => ({ method, because: "the configuration asks for it" });

function decideHere({ asked, isSet, shares }: Choice): Decision {
  if (asked === "auto") {
    return shares.cluster
      ? { method: "reflink", because: "both are on one filesystem whose files can share blocks" }
      : { method: "copy", because: "the filesystem's files can't share blocks, and both are on this machine" };
  }
  if (asked === "reflink" && !shares.cluster) {
    throw refusal("reflink only where both volumes are on one XFS (made with reflink=1) or btrfs", "they are not");
  }
  if (asked === "basebackup" && isSet) throw noServer();
  return asAsked(asked);
}

function decideElsewhere({ asked, source, isSet }: Choice): Decision {
  const because = `${source.stack}'s PostgreSQL is on another machine (${source.elsewhere?.database ?? ""})`;
  // A set is read from the server's volume, file by file.
  const method = isSet ? "copy" : "basebackup";
  if (asked === "auto") return { method, because };
  if (asked === method) return asAsked(asked);
  if (asked === "basebackup") throw noServer();
  throw refusal(`auto or ${method}, because ${because}`, asked);
}

const noServer = (): UserError =>
  refusal("reflink, copy or auto for a set", "basebackup, which needs a running server");

const refusal = (expected: string, found: string): UserError =>
  new UserError("The data can't be copied the way that is asked for.", [
    { path: "restore.method", expected, found, hint: "Leave it out, or set it to auto." },
  ]);
