"""PDF, Word, mail, sheet and scan into text with places. May touch: ports, domain, the bytes it is given."""
