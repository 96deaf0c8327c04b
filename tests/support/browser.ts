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
