/**
 * What a value is replaced by in a secured copy. All but the last five are made from the value and a random key that nobody
 * keeps: the same value gives the same replacement in every table, and none leads back to the value. `empty` is not called
 * `null`, which YAML reads as a key that is not there.
 */
export const obfuscationKinds = [
  "name", // a person: Ada K. Novak
  "company", // an organisation: Novak & Berg Logistics
  "contact", // a person's name, or an e-mail address where there is one
  "email", // one e-mail address, at example.com
  "emails", // e-mail addresses, maybe with names: "Ada K. Novak" <ada.novak.0a1b2c3d4e5f@example.com>
  "domain", // an e-mail domain or an address in it; what stands before the @ stays
  "login", // an e-mail address where it was one, else user.0a1b2c3d4e5f
  "phone", // digits after the same country's prefix
  "iban", // the same country and length, with valid check digits; other account numbers become digits
  "street",
  "city",
  "zip",
  "identifier", // digits of the same length, after two letters where there were two: VAT, passport, licence plate
  "subject", // Subject 0a1b2c
  "url", // https://www.example.com/0a1b2c3d
  "ip", // one of the addresses that are meant for examples, 192.0.2.0/24
  "date", // another day of the same year
  "amount", // from 2000 to 4999
  "text", // Text removed
  "html", // the same as a paragraph
  "properties", // a record's own fields: texts among them are removed
  "empty", // nothing; where there must be something, an empty text, an empty object or 0
  "token", // a new random one
] as const;

/** What a field's content is replaced with. */
export type ObfuscationKind = (typeof obfuscationKinds)[number];

/** A field in the database as configuration names it: `res_partner.email`. */
export const tableColumn = /^[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}$/;
