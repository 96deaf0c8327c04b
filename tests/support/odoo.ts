import { request } from "node:http";

/** An answer of an HTTP server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** How long an answer may take, in seconds: a busy machine right after a start. */
const answerSeconds = 60;

/**
 * Talks to an Odoo as a browser does, under its host name, whose address need not resolve: it is on this machine.
 */
export class OdooClient {
  private cookie = "";

  /**
   * @param url The address that people open.
   * @param at Where it is asked instead of at that address, past the proxy.
   */
  constructor(
    private readonly url: string,
    private readonly at?: { readonly host: string; readonly port: number },
  ) {}

  /** The header `cookie` that a browser with this session would send; empty before the first answer. */
  get session(): string {
    return this.cookie;
  }

  /** Asks for a page, or sends something to it. */
  fetch(path: string, body?: unknown): Promise<Answer> {
    const { hostname, port, host } = new URL(this.url);
    if (!hostname.endsWith(".localhost")) throw new Error(`${hostname} is not on this machine`);
    const headers = {
      host,
      cookie: this.cookie,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const asked = request(
        { ...(this.at ?? { host: "127.0.0.1", port }), path, method, headers, timeout: answerSeconds * 1000 },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () => {
            const set = response.headers["set-cookie"]?.find((line) => line.startsWith("session_id="));
            if (set) this.cookie = set.split(";")[0] ?? "";
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(parts).toString(),
            });
          });
        },
      );
      asked.on("timeout", () => asked.destroy(new Error(`${path}: no answer within ${answerSeconds} s`)));
      asked.on("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Calls a JSON-RPC address; an error that Odoo reports is thrown with its message. */
  async rpc<T>(path: string, params: unknown): Promise<T> {
    const { status, body } = await this.fetch(path, { jsonrpc: "2.0", method: "call", params });
    if (status !== 200) throw new Error(`${path}: status ${status}: ${body.slice(0, 300)}`);
    const answer = JSON.parse(body) as { result?: T; error?: { data?: { message?: string }; message: string } };
    if (answer.error) throw new Error(answer.error.data?.message ?? answer.error.message);
    return answer.result as T;
  }

  /** Logs in; later calls are this user's. Returns the user's ID. */
  async login(login: string, password: string, database = "odoo"): Promise<number> {
    const session = await this.rpc<{ uid: number }>("/web/session/authenticate", { db: database, login, password });
    return session.uid;
  }

  /** Calls a method of a model. */
  call<T>(model: string, method: string, args: readonly unknown[], kwargs: Record<string, unknown> = {}): Promise<T> {
    return this.rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
  }
}
