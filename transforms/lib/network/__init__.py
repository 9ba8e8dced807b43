"""The way to the network: polite, bounded, remembered."""
