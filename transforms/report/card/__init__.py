"""The dataset card: DATA/README.md, as the Hub and the library `datasets` read it."""
