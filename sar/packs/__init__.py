"""Layout, joining, inspection, signing. May touch: ports.disclosing; domain.disclosure, errors, references."""
