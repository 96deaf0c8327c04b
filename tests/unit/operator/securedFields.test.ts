import { describe, expect, it } from "vitest";
import { obfuscationKinds } from "../../../infra/commands/obfuscation";
import { conditions, emptiedTables, namedLike } from "../../../infra/operator/copy/fields";
import { prepareSession } from "../../../infra/operator/copy/obfuscateSql";
import { isSecretName, secretTables } from "../../../infra/operator/copy/secrets";
import type { Column, Schema } from "../../../infra/operator/copy/securing/schema";
import { builtIn, findTargets } from "../../../infra/operator/copy/securing/targets";
import { countSql, updateSql } from "../../../infra/operator/copy/securing/updateSql";

const rowKinds = ["partnerName", "completeName", "partnerDisplay", "messageBody", "tracked"];
const text: Column = { type: "text", declared: "character varying", nullable: true, unique: false, repeats: false };

/** A database with these columns, all of them texts unless said. */
function schemaOf(tables: Record<string, Record<string, Partial<Column>>>, bytes = 0): Schema {
  return new Map(
    Object.entries(tables).map(([name, columns]) => [
      name,
      {
        columns: new Map(Object.entries(columns).map(([column, known]) => [column, { ...text, ...known }])),
        bytes,
        indexes: new Map([[`${name}_index`, `CREATE INDEX ${name}_index ON ${name} USING btree (email)`]]),
        triggers: false,
        wizard: false,
      },
    ]),
  );
}

describe("the list of personal data", () => {
  it("names a known kind for each column, and each column once", () => {
    const known = new Set<string>([...obfuscationKinds, ...rowKinds]);
    expect(builtIn.size).toBeGreaterThan(300);
    expect([...builtIn].filter(([, kind]) => !known.has(kind))).toEqual([]);
    for (const path of builtIn.keys()) expect(path).toMatch(/^[a-z_0-9]+\.[a-z_0-9]+$/);
  });

  it("has every column that only some rows are replaced of", () => {
    for (const path of Object.keys(conditions)) expect([path, builtIn.has(path)]).toEqual([path, true]);
  });

  it("replaces nothing in a table that is emptied", () => {
    const emptied = new Set([...emptiedTables, ...secretTables]);
    expect([...builtIn.keys()].filter((path) => emptied.has(path.split(".")[0] ?? ""))).toEqual([]);
  });
});

describe("columns that are replaced", () => {
  const none = { add: {}, keep: [] };
  const kindsOf = (schema: Schema, wishes = {}, testers: string[] = []) => {
    const { tables } = findTargets(schema, { ...none, ...wishes }, testers);
    const entries = [...tables].flatMap(([table, all]) => all.map(({ column, kind }) => [`${table}.${column}`, kind]));
    return Object.fromEntries(entries) as Record<string, string>;
  };

  it("are those that the database has, and what is named like an address in any module", () => {
    const schema = schemaOf({
      res_partner: { email: {}, id: { type: "number" } },
      x_visit: { x_guest_email: {}, mobile: {}, iban: {}, remark: {} },
      mail_template: { email_from: {} },
      product_template: { name: { type: "json" } },
    });
    expect(kindsOf(schema)).toEqual({
      "res_partner.email": "emails",
      "x_visit.x_guest_email": "emails",
      "x_visit.mobile": "phone",
      "x_visit.iban": "iban",
    });
  });

  it("can be more and fewer, and say what is not there", () => {
    const schema = schemaOf({ res_partner: { email: {}, function: {} }, x_visit: { remark: {} } });
    const wishes = {
      add: { "x_visit.remark": "text", "x_visit.gone": "text" },
      keep: ["res_partner.function"],
    } as const;
    expect(kindsOf(schema, wishes)).toEqual({ "res_partner.email": "emails", "x_visit.remark": "text" });
    expect(findTargets(schema, wishes, []).unknown).toEqual(["x_visit.gone"]);
  });

  it("are secrets of any module too, which can't be kept", () => {
    const schema = schemaOf({
      res_users: { password: {}, login: {} },
      x_shop: { x_api_key: {}, access_token: {}, pin: { nullable: false }, token_id: { type: "number" } },
      res_users_settings: { push_to_talk_key: {} },
    });
    expect(kindsOf(schema, {}, ["Tess"])).toEqual({
      "res_users.password": "empty",
      "res_users.login": "login",
      "x_shop.x_api_key": "empty",
      "x_shop.access_token": "token",
      // It has to be something, and an empty secret may open a door.
      "x_shop.pin": "token",
    });
    const { tables } = findTargets(schema, none, ["Tess"]);
    expect(tables.get("res_users")?.[0]?.when).toBe("NOT lower(login) = ANY (ARRAY[E'tess']::text[])");
    expect(() => findTargets(schema, { add: {}, keep: ["x_shop.x_api_key"] }, [])).toThrow(
      /x_shop\.x_api_key.*secrets/,
    );
  });

  it.each([
    ["stripe_secret_key", true],
    ["smtp_pass", true],
    ["oauth_access_token", true],
    ["microsoft_calendar_rtoken", true],
    ["new_passwd", true],
    ["passport_id", false],
    ["passing_score", false],
    ["tokenized", false],
    ["website_form_key", false],
    ["shipping_weight", false],
  ])("%s is a secret: %s", (name, secret) => {
    expect(isSecretName(name)).toBe(secret);
  });

  it.each(["email_state", "mailing_id", "phone_state", "mobility_card"])("%s is none", (name) => {
    expect(namedLike.find(({ pattern }) => pattern.test(name))).toBeUndefined();
  });

  it.each(["email", "x_email", "partner_email", "email_cc", "emails", "x_e_mail"])("%s is an address", (name) => {
    expect(namedLike.find(({ pattern }) => pattern.test(name))?.kind).toBe("emails");
  });
});

describe("the SQL for a table", () => {
  const targets = [
    { column: "email", kind: "emails" },
    { column: "note", kind: "html", when: "active" },
  ] as const;

  it("counts, and replaces all columns in one pass", () => {
    const table = schemaOf({ x: { email: { maxLength: 64 }, note: { type: "json", declared: "jsonb" } } }).get("x");
    if (!table) throw new Error("no table");
    expect(countSql("x", table, targets)).toContain(`count(*) FILTER (WHERE "email" <> '')`);
    const sql = updateSql("x", table, targets);
    expect(sql.match(/UPDATE/g)).toHaveLength(1);
    expect(sql).toContain(`left(pg_temp.emails("email"), 64)`);
    expect(sql).toContain(`"note"::jsonb <> '{}' AND (active)`);
    expect(sql).not.toContain("INDEX");
  });

  it("makes a large table's indexes anew, and replaces each value once where values repeat", () => {
    const schema = schemaOf({ x: { email: { repeats: true }, note: {} } }, 10 ** 9);
    const table = schema.get("x");
    if (!table) throw new Error("no table");
    const sql = updateSql("x", table, targets);
    expect(sql).toMatch(/DROP INDEX x_index;[^]*UPDATE[^]*COMMIT;\nVACUUM [^]*CREATE INDEX x_index ON x /);
    expect(sql).toMatch(/CREATE TEMP TABLE new_0 ON COMMIT DROP[^]*SELECT DISTINCT "email"/);
  });

  it("replaces a text once where two columns of a row often hold the same, each cut to its column", () => {
    const table = schemaOf({ x: { email: {}, email_normalized: { maxLength: 64 }, note: {} } }).get("x");
    if (!table) throw new Error("no table");
    const sql = updateSql("x", table, [...targets, { column: "email_normalized", kind: "email" }]);
    expect(sql).toContain(`"email" = n.value_0`);
    expect(sql).toContain(`CASE WHEN t."email_normalized" = t."email" THEN left(n.value_0, 64)`);
    expect(sql.match(/pg_temp\.emails\("email"\)/g)).toHaveLength(1);
  });

  it("refuses to make a name of a number", () => {
    const table = schemaOf({ x: { size: { type: "number", declared: "integer" } } }).get("x");
    if (!table) throw new Error("no table");
    expect(() => updateSql("x", table, [{ column: "size", kind: "name" }])).toThrow(/size holds no text/);
  });
});

describe("a session", () => {
  it("keeps its key out of what PostgreSQL stores: it is a setting, not part of a function", () => {
    const secret = "0123456789abcdef".repeat(4);
    const sql = prepareSession(secret, { names: ["o'neill & co"], emails: [], logins: [] });
    expect(sql.split(secret)).toHaveLength(2);
    expect(sql).toContain(`SELECT set_config('odoo_stacks.key', E'${secret}', false)`);
    expect(sql).toContain("E'o''neill & co'");
  });
});
