"""What all stages share: storage, work units, the exchange of packed records, and commits."""
