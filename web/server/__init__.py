"""How requests are served, whatever the page: protections, logs, outages, metrics, health."""
