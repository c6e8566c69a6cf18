"""How facts are kept: engine and sessions, prepared statements, upgrades of the schema, outages."""
