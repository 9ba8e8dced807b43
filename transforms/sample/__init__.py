"""Samples drawn from a model: prompts to completions, by an OpenAI-style endpoint."""
