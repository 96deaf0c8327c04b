import { type Browser, chromium } from "playwright-core";
import { browserPath } from "./needs";

/**
 * Starts Debian's Chromium without a window, cut off from everything but this machine: names that end in `.localhost` are
 * this machine, and no other name resolves.
 */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/** Runs in the page: subscribes to a channel of Odoo's bus and returns the first message on it. */
export async function hearOnWebsocket(channel: string): Promise<string> {
  const browser = globalThis as unknown as {
    location: { host: string };
    WebSocket: typeof WebSocket;
    subscribed?: boolean;
  };
  const call = { method: "POST", headers: { "content-type": "application/json" }, body: '{"params":{}}' };
  const session = (await (await fetch("/web/session/get_session_info", call)).json()) as {
    result: { websocket_worker_version: string };
  };
  const version = session.result.websocket_worker_version;
  const socket = new browser.WebSocket(`ws://${browser.location.host}/websocket?version=${version}`);
  return new Promise((resolve, reject) => {
    socket.onclose = ({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`));
    socket.onmessage = ({ data }) =>
      String(data).includes(channel) || String(data).includes("greeting") ? resolve(String(data)) : undefined;
    socket.onopen = () => {
      socket.send(JSON.stringify({ event_name: "subscribe", data: { channels: [channel], last: 0 } }));
      browser.subscribed = true;
    };
  });
}
