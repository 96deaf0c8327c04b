-- What Odoo uses in its database, in whatever state that is found; the role `odoo` owns it. Run by one who may make extensions.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
-- Odoo indexes what `unaccent(text)` returns, which takes a function that is declared to never change. The extension's own is
-- not, and a change of it would not be in dumps: hence a function of our own around it, which is, and restores anywhere.
SELECT NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'unaccent') AS wanted \gset
\if :wanted
BEGIN;
CREATE SCHEMA IF NOT EXISTS unaccent_schema AUTHORIZATION odoo;
CREATE EXTENSION unaccent WITH SCHEMA unaccent_schema;
CREATE FUNCTION public.unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT unaccent_schema.unaccent('unaccent_schema.unaccent'::regdictionary, $1) $$;
ALTER FUNCTION public.unaccent(text) OWNER TO odoo;
COMMIT;
\endif
