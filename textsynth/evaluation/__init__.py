"""What a corpus is worth: its metrics asked in order, and what they said put together as a report."""
