"""A client of OpenAI-style endpoints, `/v1/completions` and `/v1/chat/completions`."""
