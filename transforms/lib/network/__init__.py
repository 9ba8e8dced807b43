"""HTTP for crawling and sampling: polite to servers, bounded in bytes and time, with retries."""
