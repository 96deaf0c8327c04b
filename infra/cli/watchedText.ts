import type { Watched } from "../operator/watched";

/** How long the logs were watched after a release, and what turned up: `watched for 10 minutes: no errors`. */
export function watchedText({ since, until, readAt, errors }: Watched): string {
  const minutes = (to: string) => Math.max(0, Math.round((Date.parse(to) - Date.parse(since)) / 60_000));
  const [seen, all] = [minutes(readAt), minutes(until)];
  const count = all === 1 ? "1 minute" : `${all} minutes`;
  const time = Date.parse(readAt) >= Date.parse(until) ? count : `${Math.min(seen, all)} of ${count}`;
  const found = errors === 0 ? "no errors" : errors === 1 ? "1 error" : `${errors} errors`;
  return `watched for ${time}: ${found}`;
}
