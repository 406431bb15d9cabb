# Run once, for an empty volume: the service's own role, for which the row-level security between tenants holds.
psql --set ON_ERROR_STOP=1 --username postgres --dbname vitrine --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE vitrine LOGIN PASSWORD :'password';
ALTER DATABASE vitrine OWNER TO vitrine;
SQL
