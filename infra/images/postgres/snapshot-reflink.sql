-- Makes a copy of the cluster whole while the server runs, as the chapter "Continuous Archiving" of PostgreSQL's manual has it
-- (Making a Base Backup Using the Low Level API). Variable: `copy`, its folder.
SET client_min_messages = warning;
SELECT pg_walfile_name(pg_backup_start('odoo-stacks', fast => true)) AS first \gset
\! "$SNAPSHOT" refresh
\if :SHELL_ERROR
DO $$ BEGIN RAISE 'the cluster''s files could not be copied'; END $$;
\endif
SELECT labelfile, pg_walfile_name(lsn) AS last FROM pg_backup_stop(wait_for_archive => false) \gset
\o :copy/backup_label
\qecho :labelfile
-- The copy needs all of the log that was written meanwhile, and the numbers of timelines that are taken.
\o | "$SNAPSHOT" copy-log
SELECT name FROM pg_ls_waldir() WHERE name BETWEEN :'first' AND :'last' OR name LIKE '%.history';
\o
\if :SHELL_ERROR
DO $$ BEGIN RAISE 'the cluster''s log could not be copied'; END $$;
\endif
-- Only after a checkpoint does the server use files of the log again.
SELECT redo_wal_file <> :'first' AS reused FROM pg_control_checkpoint() \gset
\if :reused
DO $$ BEGIN RAISE 'the server has made a checkpoint meanwhile: the copied log may be incomplete'; END $$;
\endif
