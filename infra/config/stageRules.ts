import type { Problem } from "../core/errors";
import { isPublicDomain } from "./domains";
import { catchesMail, mailDomain } from "./mail";
import type { EnvironmentConfig } from "./schema";

/**
 * What an environment's stage rules out: production is never a copy, and only development runs from files that change.
 * @param stack Name of the environment's own stack, where it is known.
 */
export function stageRules(config: EnvironmentConfig, stack?: string): Problem[] {
  return [...restoreRules(config, stack), ...developmentRules(config), ...mailRules(config)];
}

function restoreRules({ restore, stage, demo }: EnvironmentConfig, stack: string | undefined): Problem[] {
  if (!restore) return [];
  const problems: Problem[] = [];
  if (stage === "production") {
    problems.push({
      path: "restore",
      expected: "nothing where stage is production: a copy takes the place of all data that is there",
      found: `restore from ${restore.source}`,
      hint: "Take restore out, or set stage: staging if this is no production environment.",
    });
  }
  if (stack !== undefined && restore.source === stack) {
    problems.push({
      path: "restore.source",
      expected: "another environment",
      found: `"${stack}", this environment itself`,
    });
  }
  if (demo) {
    problems.push({
      path: "demo",
      expected: "false where restore is given: the data comes from the source",
      found: "true",
      hint: "Take out demo or restore.",
    });
  }
  const both = restore.obfuscate.keep.filter((field) => Object.hasOwn(restore.obfuscate.add, field));
  return [
    ...problems,
    ...both.map((field) => ({
      path: "restore.obfuscate.keep",
      expected: "fields that are not under restore.obfuscate.add",
      found: `"${field}" in both`,
    })),
  ];
}

function developmentRules({ stage, odoo, mount, expiresAfter }: EnvironmentConfig): Problem[] {
  if (stage === "development") return [];
  const given = [
    ["odoo.dev", odoo.dev.length > 0, odoo.dev.join(", ")],
    ["mount", mount !== undefined, `"${mount}"`],
    ["expiresAfter", expiresAfter !== undefined, `"${expiresAfter}"`],
  ] as const;
  return given
    .filter(([, isGiven]) => isGiven)
    .map(([path, , found]) => ({
      path,
      expected: "nothing unless stage is development",
      found: `${found} with stage: ${stage}`,
      hint: `Take ${path} out, or set stage: development.`,
    }));
}

function mailRules(config: EnvironmentConfig): Problem[] {
  const { domain } = config.mail;
  if (domain !== undefined && !catchesMail(config)) {
    return [
      {
        path: "mail.domain",
        expected: "nothing where no mails are caught",
        found: `"${domain}"`,
        hint: "Take it out, or set mail.catcher: true.",
      },
    ];
  }
  const page = mailDomain(config);
  if (page === undefined) return [];
  if (config.domains.includes(page)) {
    return [{ path: "mail.domain", expected: "a host name that is not one of domains", found: `"${page}"` }];
  }
  if (config.tls.enabled && !isPublicDomain(page)) {
    return [
      {
        path: "mail.domain",
        expected: "a public domain where tls.enabled is true: Let's Encrypt gives certificates for no others",
        found: `"${page}"`,
        hint: "Give the page a public host name, or set mail.catcher: false.",
      },
    ];
  }
  return [];
}
