import { progress } from "../support/shell";
import type { ReleaseLab } from "../support/releaseLab";

/** Rows of one statement. */
const batch = 20_000;

/** A table with personal data, as securing has to work on. */
interface Kind {
  readonly table: string;
  /** Of the bytes that all of them get together. */
  readonly share: number;
  /** So many rows there are at least. */
  readonly leastRows: number;
  /** SQL that adds a {@link batch} of them. */
  readonly insert: string;
}

const list = (words: string): string => `ARRAY['${words.split(" ").join("','")}']`;
const given = list("Ada Grace Alan Edsger Barbara Donald Frances Niklaus Jean Tony Radia Leslie Karen John Adele Ken");
const family = list("Byron Hopper Turing Dekker Liskov Knuth Allen Wirth Bartik Hoare Perl Lamport Jones Backus Gold");
const domains = list("analytical-engines.test northwind.test contoso.test tailspin.test fabrikam.test");
const streets = list("Mill Church Station Park Bridge Garden Market School Lake Hill");
const cities = list("Leuven Aachen Utrecht Lyon Graz Bologna Porto Aarhus Gdansk Tartu");
const words = list(
  "order invoice delivery please confirm the quantity price of our agreed terms week attached document shipment customer " +
    "warehouse project budget call tomorrow meeting thank you regarding sample drawing revision contract signed payment",
);

/** SQL of a word, another one for each row. */
const pick = (array: string, count: number): string => `(${array})[1 + floor(random() * ${count})::int]`;

const partners: Kind = {
  table: "res_partner",
  share: 0.25,
  leastRows: 20_000,
  insert: `
    INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, type, active, is_company, partner_share, lang,
      email, email_normalized, phone, phone_sanitized, street, city, zip, autopost_bills,
      create_uid, write_uid, create_date, write_date)
    SELECT id, id, given || ' ' || family, given || ' ' || family, 'contact', true, false, true, 'en_US',
      lower(given || '.' || family || '.' || id) || '@' || domain, lower(given || '.' || family || '.' || id) || '@' || domain,
      phone, phone, ${pick(streets, 10)} || ' Street ' || id % 200, ${pick(cities, 10)}, (10000 + id % 89999)::text, 'ask',
      2, 2, now(), now()
    FROM (SELECT nextval('res_partner_id_seq') AS id, ${pick(given, 16)} AS given, ${pick(family, 15)} AS family,
      ${pick(domains, 5)} AS domain, '+3247' || lpad(floor(random() * 10000000)::text, 7, '0') AS phone
      FROM generate_series(1, ${batch})) AS people`,
};

const messages: Kind = {
  table: "mail_message",
  share: 0.75,
  leastRows: 40_000,
  insert: `
    INSERT INTO mail_message (subject, body, model, res_id, author_id, message_type, subtype_id, email_from, reply_to,
      message_id, date, create_uid, write_uid, create_date, write_date)
    SELECT 'About ' || ${pick(words, 32)} || ' ' || id, '<p>Dear ' || name || ',</p><p>' || text || '.</p><p>Write to ' ||
        email || ' or call ' || phone || '.</p>',
      'res.partner', id, id, 'email', (SELECT res_id FROM ir_model_data WHERE module = 'mail' AND name = 'mt_comment'),
      '"' || name || '" <' || email || '>', email, '<' || gen_random_uuid() || '@mail.test>', now(), 2, 2, now(), now()
    FROM (SELECT id, name, email, phone,
      (SELECT string_agg(${pick(words, 32)}, ' ') FROM generate_series(1, 40 + id % 160)) AS text
      FROM res_partner WHERE email LIKE '%.test' ORDER BY random() LIMIT ${batch}) AS chosen`,
};

/**
 * Adds people and messages between them, with all indexes, until they take so much, and tens of thousands in any case.
 * @param lab The environment; may have been filled before, to a smaller size.
 * @param bytes The size of all of them together.
 * @param signal Ends it between two statements.
 */
export async function fillRecords(lab: ReleaseLab, bytes: number, signal: AbortSignal): Promise<void> {
  // Messages are of people.
  for (const { table, share, leastRows, insert } of [partners, messages]) {
    const measure = `SELECT count(*), pg_total_relation_size('${table}') FROM ${table}`;
    for (;;) {
      signal.throwIfAborted();
      const [rows = 0, size = 0] = (await lab.sql(measure)).split("|").map(Number);
      progress(`${table}: ${rows} rows, ${Math.round(size / 1024 ** 2)} MiB`);
      if (rows >= leastRows && size >= bytes * share) break;
      await lab.sql(insert);
    }
    await lab.sql(`VACUUM (FREEZE, ANALYZE) ${table}`);
  }
}
