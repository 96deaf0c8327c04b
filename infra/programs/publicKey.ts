import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors";
import { repositoryDir } from "../core/paths";

/** The kinds of key that EC2 takes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html */
const isKey = (text: string): boolean => /^ssh-(ed25519|rsa) [A-Za-z0-9+/=]{60,}( .*)?$/.test(text);

/**
 * The OpenSSH public key that a stack names.
 * @param given The key itself, or the path of its file, relative to the project or to `~/`.
 * @throws UserError when there is no such file, or no such key in it.
 */
export function publicKeyOf(given: string): string {
  if (isKey(given)) return given;
  const file = given.startsWith("~/") ? join(homedir(), given.slice(2)) : resolve(repositoryDir, given);
  const text = read(file)?.trim();
  if (text !== undefined && isKey(text)) return text;
  throw new UserError("The machines would let nobody in.", [
    {
      path: "aws.publicKey",
      expected: "a file with an OpenSSH public key, ssh-ed25519 or ssh-rsa",
      found: text === undefined ? `no file ${file}` : `${file}, with something else`,
      hint: `ssh-keygen -t ed25519 -f ${file.replace(/\.pub$/, "")}`,
    },
  ]);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
