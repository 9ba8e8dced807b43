"""Samples of a model: prompts to completions, from an endpoint of OpenAI's kind."""
