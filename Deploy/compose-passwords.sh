#!/bin/sh
# Run once by the database's container, after postgres.sql: gives every role of Parley the one password of the sample.
set -eu
for role in parley_owner parley_shared parley_personal parley_reader; do
    # Through standard input: an argument would show in the list of processes.
    printf "ALTER ROLE %s PASSWORD '%s';\n" "$role" "$POSTGRES_PASSWORD"
done | psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname parley
