import { exec } from "../../commands/docker";

/** A session of psql, as the superuser, that stays open: a backup lasts as long as the session that began it. */
export class PsqlSession {
  private readonly lines: AsyncIterator<string>;
  private errors = "";

  private constructor(
    private readonly child: {
      stdin: { write(text: string): unknown; end(): unknown };
      iterable(options: { from: "stdout" | "stderr" }): AsyncIterable<string>;
    },
  ) {
    this.lines = child.iterable({ from: "stdout" })[Symbol.asyncIterator]();
    const read = async () => {
      for await (const line of child.iterable({ from: "stderr" })) this.errors += `${line}\n`;
    };
    void read().catch(() => undefined);
  }

  /**
   * Opens one.
   * @param container The running postgres container.
   */
  static async open(container: string): Promise<PsqlSession> {
    const { execa } = await import("execa"); // As in core/exec.ts.
    const [file = "", ...args] = exec(container, ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres"], true);
    const child = execa(file, args, { stdin: "pipe", buffer: false, reject: false });
    child.stdin.on("error", () => undefined); // One that has ended says so by its output.
    return new PsqlSession(child);
  }

  /**
   * Runs SQL and returns the lines that it prints.
   * @throws Error when the session ends meanwhile, with what psql said.
   */
  async ask(sql: string): Promise<readonly string[]> {
    const end = "-- end of the answer --";
    this.child.stdin.write(`${sql}\n\\echo '${end}'\n`);
    const answer: string[] = [];
    for (;;) {
      const line = await this.lines.next();
      if (line.done) throw new Error(`PostgreSQL ended the session: ${this.errors.trim() || "it said nothing"}`);
      if (line.value === end) return answer;
      answer.push(line.value);
    }
  }

  /** Ends it, and with it all that hangs on it: psql ends where its input does. */
  close(): void {
    this.child.stdin.end();
  }
}
