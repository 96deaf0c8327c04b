-- The role and the database, in whatever state they are found. Run over a private socket before anything else can connect,
-- with the variables `database` and `password_file`.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
-- Left by a copy that was being made when the server ended: nobody will ask for the log that it keeps.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'odoo_stacks_undo';
\set password `cat "$PASSWORD_FILE"`

SELECT 'CREATE ROLE odoo' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odoo') \gexec
ALTER ROLE odoo LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

-- Code point order, as Odoo makes its databases, with upper and lower case of all of Unicode.
SELECT format('CREATE DATABASE %I OWNER odoo TEMPLATE template0 ENCODING %L LOCALE_PROVIDER builtin BUILTIN_LOCALE %L',
              :'database', 'UTF8', 'C.UTF-8')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;

\connect :"database"
SET client_min_messages = warning;
\ir extensions.sql
