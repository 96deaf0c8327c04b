import { type Front, usesTls } from "./domains";
import type { EnvironmentConfig } from "./schema";

/** What these functions have to know of an environment. */
type Mailing = Pick<EnvironmentConfig, "mail" | "stage" | "domains" | "tls">;

/** Whether a container catches the environment's mails: as configured, else outside production. */
export function catchesMail({ mail, stage }: Pick<Mailing, "mail" | "stage">): boolean {
  return mail.catcher ?? stage !== "production";
}

/** Host name of the page with the caught mails; `undefined` where there is no page. */
export function mailDomain(config: Pick<Mailing, "mail" | "stage" | "domains">): string | undefined {
  if (!catchesMail(config)) return undefined;
  const [main = ""] = config.domains;
  return config.mail.domain ?? (main.endsWith(".localhost") ? `mail.${main}` : undefined);
}

/** Whether the proxy gets a certificate for that page: as configured for the environment, else for a public name. */
export function mailUsesTls(config: Mailing, front: Front): boolean {
  const domain = mailDomain(config);
  return domain !== undefined && usesTls({ tls: config.tls, domains: [domain] }, front);
}
