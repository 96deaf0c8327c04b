import { type ChildProcess, spawn } from "node:child_process";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Argv } from "../../commands/docker";

/** A program that others' outputs go through. */
interface Running {
  readonly child: ChildProcess;
  /** What it was, for messages. */
  readonly name: string;
  readonly ended: Promise<{ code: number; said: string }>;
}

/** The last of what a program wrote on standard error that is kept. */
const mostSaid = 4000;

function start([file = "", ...args]: Argv, input: "pipe" | "ignore"): Running {
  const child = spawn(file, args, { stdio: [input, "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-mostSaid)));
  const ended = new Promise<{ code: number; said: string }>((resolve) => {
    child.once("error", (error) => resolve({ code: 127, said: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 128, said: said.trim() }));
  });
  return { child, name: [file, ...args.slice(0, 3)].join(" "), ended };
}

/** Names as `tar` and `xargs` take them. */
function* nulled(names: Iterable<string>): Iterable<string> {
  let piece = "";
  for (const name of names) {
    piece += `${name}\0`;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = "";
  }
  if (piece) yield piece;
}

/** Writes names to a program; one that ended before it read them says so by its exit code. */
async function tell({ child }: Running, names: Iterable<string>): Promise<void> {
  if (child.stdin) await pipeline(Readable.from(nulled(names)), child.stdin).catch(() => undefined);
}

/**
 * Runs a program that is told names, and hands over what it prints.
 * @param names For its standard input, each ended by a zero byte.
 * @param take Receives what it prints, piece by piece.
 * @throws FlowFailed
 */
export async function read(argv: Argv, names: Iterable<string>, take: (piece: string) => void): Promise<void> {
  const program = start(argv, "pipe");
  const printed = (async () => {
    program.child.stdout?.setEncoding("utf8");
    for await (const piece of program.child.stdout ?? []) take(piece as string);
  })();
  // Whoever prints something else is ended, and what is wrong with it counts more than how it ended.
  printed.catch(() => program.child.kill());
  await tell(program, names);
  requireSuccess(program, await program.ended);
  await printed;
}

/**
 * Runs two programs, the second of which reads what the first prints.
 * @param names For the first one's standard input.
 * @param passed Receives the number of bytes that went through, again and again.
 * @throws FlowFailed
 */
export async function pass(
  from: Argv,
  to: Argv,
  names: Iterable<string>,
  passed: (bytes: number) => void,
): Promise<void> {
  const [sender, receiver] = [start(from, "pipe"), start(to, "pipe")];
  const meter = new Transform({
    transform(piece: Buffer, _, done) {
      passed(piece.length);
      done(null, piece);
    },
  });
  receiver.child.stdout?.resume();
  const [{ stdout }, { stdin }] = [sender.child, receiver.child];
  const flowing = stdout && stdin ? pipeline(stdout, meter, stdin) : Promise.resolve();
  // Without a receiver, the sender has nobody to go on for. One that has sent all may end by itself: a receiver that has all may
  // end before that, which Node takes for a failure.
  flowing.catch(async () => {
    if ((await receiver.ended).code !== 0) sender.child.kill();
  });
  await tell(sender, names);
  const [sent, received] = await Promise.all([sender.ended, receiver.ended, flowing.catch(() => undefined)]);
  // One that fails ends the other one too: only both tell the cause.
  const said = [received.said, sent.said].filter(Boolean).join("\n");
  requireSuccess(receiver, { code: received.code, said });
  requireSuccess(sender, { code: sent.code, said });
}

/** A program failed. */
export class FlowFailed extends Error {
  constructor(
    name: string,
    code: number,
    /** The last that it said. */
    readonly said: string,
  ) {
    super(`${name} … failed with exit code ${code}:\n${said.split("\n").slice(-5).join("\n")}`);
  }
}

function requireSuccess({ name }: Running, { code, said }: { code: number; said: string }): void {
  if (code !== 0) throw new FlowFailed(name, code, said);
}

/** Passes over the failure of a program that only missed files which had vanished before it came to them. */
export function unlessVanished(error: unknown): void {
  // The first line may have been cut off.
  const lines = error instanceof FlowFailed ? error.said.split("\n") : [];
  const told = error instanceof FlowFailed && error.said.length >= mostSaid - 1 ? lines.slice(1) : lines;
  const harmless = (line: string) => /: No such file or directory$/.test(line);
  if (told.length === 0 || !told.every(harmless)) throw error;
}
