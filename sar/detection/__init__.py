"""Text -> spans a person should look at. Finds and proposes; touches no store, no case, no decision."""
