"""The crawl stage: sources to repositories, files and CI configurations."""
