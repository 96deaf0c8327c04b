/**
 * Texts of which none may be in a secured copy: secrets, and what belongs to people. Each is in {@link productionSql}, most of
 * them in several tables.
 */
export const secretOf: readonly string[] = [
  ...[
    "jan.geheim@secret-corp.be",
    "Jan Geheim",
    "Geheim Industries",
    "+32470112233",
    "+32 470 11 22 33",
    "Geheimstraat 7",
  ],
  ...["BE31 7342 9876 5431", "BE31734298765431", "outside@geheim.example.be", "Dear Mr Geheim"],
  ...["smtp-geheim-password", "imap-geheim-password", "TOTPGEHEIM", "apikey-geheim", "device-geheim", "session-geheim"],
  ...["oauth-geheim-token", "order-geheim-token", "iap-geheim-token", "shop-geheim-key", "enterprise-geheim-code"],
  ...["push-geheim-endpoint", "totp-device-geheim", "hook.geheim.be"],
];

/**
 * SQL that fills a database of a sale with people, secrets and things that send.
 * @param checksums SHA-1 of the files that attachments have.
 * @param testerHash Password hash of the user tess@secret-corp.be.
 */
export function productionSql(checksums: Readonly<Record<string, string>>, testerHash: string): string {
  const file = (name: string) =>
    `'${(checksums[name] ?? "").slice(0, 2)}/${checksums[name] ?? ""}', '${checksums[name] ?? ""}'`;
  return `
SET client_min_messages = warning;
INSERT INTO res_partner (name, complete_name, is_company, commercial_company_name, ref, email, active, type, autopost_bills)
  VALUES ('Geheim Industries', 'Geheim Industries', true, 'Geheim Industries', 'firm', 'outside@geheim.example.be', true,
    'contact', 'ask');
UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'firm';
INSERT INTO res_partner (name, complete_name, ref, email, email_normalized, phone, phone_sanitized, street, vat, function,
    parent_id, commercial_partner_id, commercial_company_name, active, type, autopost_bills)
  SELECT 'Jan Geheim', 'Geheim Industries, Jan Geheim', 'jan', 'jan.geheim@secret-corp.be', 'jan.geheim@secret-corp.be',
    '+32 470 11 22 33', '+32470112233', 'Geheimstraat 7', 'BE0477472701', 'Buyer', id, id, 'Geheim Industries', true, 'contact',
    'ask' FROM res_partner WHERE ref = 'firm';
INSERT INTO res_partner (name, complete_name, ref, email, phone, active, type, autopost_bills) VALUES
  ('Jan Geheim', 'Jan Geheim', 'other case', 'Jan.Geheim@Secret-Corp.be ', '0032 470 112233', true, 'contact', 'ask'),
  ('Nobody Geheim', 'Nobody Geheim', 'empty', NULL, '', true, 'contact', 'ask'),
  ('Tess Tester', 'Tess Tester', 'tess', 'tess@secret-corp.be', NULL, true, 'contact', 'ask');
CREATE TEMP TABLE jan AS SELECT id FROM res_partner WHERE ref = 'jan';
INSERT INTO res_users (login, password, partner_id, company_id, notification_type, active, share, signature, totp_secret)
  SELECT p.email, h.hash, p.id, 1, 'email', true, false, '<p>Jan Geheim</p>', 'TOTPGEHEIM' FROM res_partner p
  JOIN (VALUES ('jan', '$pbkdf2-sha512$25000$x$y'), ('tess', '${testerHash}')) h (ref, hash) USING (ref);
UPDATE res_users SET totp_secret = NULL WHERE login LIKE 'tess%';
INSERT INTO res_company_users_rel (cid, user_id) SELECT 1, id FROM res_users WHERE login LIKE '%@secret-corp.be';
INSERT INTO res_groups_users_rel (gid, uid) SELECT d.res_id, u.id FROM ir_model_data d, res_users u
  WHERE d.module = 'base' AND d.name = 'group_user' AND u.login LIKE '%@secret-corp.be';
INSERT INTO res_users_apikeys (name, user_id, index, key) SELECT 'script', id, 'abcdefgh', 'apikey-geheim' FROM res_users
  WHERE login LIKE 'jan%';
INSERT INTO auth_totp_device (name, user_id, index, key, scope) SELECT 'laptop', id, 'abcdefgh', 'totp-device-geheim', 'x'
  FROM res_users WHERE login LIKE 'jan%';
INSERT INTO res_device_log (session_identifier, user_id, ip_address) SELECT 'session-geheim', id, '203.0.113.9' FROM res_users
  WHERE login LIKE 'jan%';
INSERT INTO res_partner_bank (acc_number, sanitized_acc_number, partner_id, active)
  SELECT 'BE31 7342 9876 5431', 'BE31734298765431', id, true FROM jan;

INSERT INTO ir_mail_server (name, smtp_host, smtp_port, smtp_user, smtp_pass, smtp_encryption, smtp_authentication, active)
  VALUES ('real', 'smtp.real.be', 587, 'sender', 'smtp-geheim-password', 'starttls', 'login', true);
INSERT INTO fetchmail_server (name, server_type, server, "user", password, active, state)
  VALUES ('real', 'imap', 'imap.real.be', 'reader', 'imap-geheim-password', true, 'done');
INSERT INTO ir_act_server (name, state, usage, type, binding_type, model_id, webhook_url)
  SELECT '{"en_US": "hook"}', 'webhook', 'ir_actions_server', 'ir.actions.server', 'action', id, 'https://hook.geheim.be/x'
  FROM ir_model WHERE model = 'res.partner';
INSERT INTO iap_account (name, account_token, service_id) SELECT 'sms', 'iap-geheim-token', id FROM iap_service LIMIT 1;
INSERT INTO mail_push_device (endpoint, keys, partner_id, expiration_time)
  SELECT 'https://push-geheim-endpoint', '{}', id, NULL FROM jan;
INSERT INTO ir_config_parameter (key, value) VALUES ('my_shop.api_key', 'shop-geheim-key'),
  ('my_shop.warehouses', 'Gent, Brugge'), ('database.enterprise_code', 'enterprise-geheim-code'),
  ('google.oauth_token', 'oauth-geheim-token') ON CONFLICT (key) DO UPDATE SET value = excluded.value;
INSERT INTO ir_config_parameter (key, value) SELECT 'report.url', value || '/reports' FROM ir_config_parameter
  WHERE key = 'web.base.url' ON CONFLICT (key) DO UPDATE SET value = excluded.value;
INSERT INTO ir_config_parameter (key, value) VALUES ('auth_signup.reset_password', 'True')
  ON CONFLICT (key) DO UPDATE SET value = 'True';

INSERT INTO sale_order (name, state, partner_id, partner_invoice_id, partner_shipping_id, company_id, date_order, access_token,
    client_order_ref, amount_total)
  SELECT 'S1', 'sale', id, id, id, 1, now(), 'order-geheim-token', 'PO 4711', 121 FROM jan;
INSERT INTO mail_message (message_type, subject, body, email_from, reply_to, author_id, model, res_id, message_id, date)
  SELECT kind, 'Order for Jan Geheim', '<p>Dear Mr Geheim, call +32 470 11 22 33 or jan.geheim@secret-corp.be</p>',
    '"Jan Geheim" <jan.geheim@secret-corp.be>', 'jan.geheim@secret-corp.be', jan.id, 'sale.order', 1,
    '<' || n || '@secret>', now() FROM jan, (VALUES (1, 'email'), (2, 'comment'), (3, 'notification')) m (n, kind);
INSERT INTO mail_mail (mail_message_id, state, email_to, body_html) SELECT m.id, s.state, 'jan.geheim@secret-corp.be',
    '<p>Dear Mr Geheim</p>' FROM mail_message m, (VALUES ('outgoing'), ('exception'), ('sent')) s (state)
  WHERE m.message_id = '<1@secret>';
INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, summary, note, date_deadline, user_id, active)
  SELECT id, 'sale.order', 1, 'S1', 'Call Jan Geheim', '<p>+32 470 11 22 33</p>', now(), 2, true FROM ir_model
  WHERE model = 'sale.order';
INSERT INTO mail_blacklist (email, active) VALUES ('jan.geheim@secret-corp.be', true);

INSERT INTO ir_attachment (name, type, res_model, res_id, res_field, mimetype, store_fname, checksum, file_size, index_content)
  SELECT a.name, 'binary', a.model, jan.id, a.field, a.mimetype, a.path, a.checksum, a.size, a.text FROM jan, (VALUES
    ('note.txt', 'sale.order', NULL, 'text/plain', ${file("order")}, 19, 'delivery jan.geheim@secret-corp.be'),
    ('shared.txt', 'sale.order', NULL, 'text/plain', ${file("shared")}, 14, NULL),
    ('shared.txt', 'res.partner', NULL, 'text/plain', ${file("shared")}, 14, NULL),
    ('CV Jan Geheim.txt', 'res.partner', NULL, 'text/plain', ${file("cv")}, 45, 'CV of Jan Geheim'),
    ('image_1920', 'res.partner', 'image_1920', 'image/jpeg', ${file("picture")}, 16, NULL)
  ) a (name, model, field, mimetype, path, checksum, size, text);
ANALYZE;`;
}
