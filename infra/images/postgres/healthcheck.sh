#!/bin/sh
# Well: it takes connections from the network, and the environment's database answers.
set -eu
pg_isready --quiet --host 127.0.0.1 --dbname "$DATABASE"
exec psql -XAtq --host /run/postgresql --username postgres --dbname "$DATABASE" --output /dev/null --command 'SELECT 1'
