"""What every stage stands on: units of work, the exchange, committed shards, storage."""
