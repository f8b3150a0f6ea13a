"""Other people's systems, read-only. May touch: ports, domain, the source systems. Never our own tables."""
