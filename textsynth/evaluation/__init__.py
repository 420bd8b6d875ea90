"""What a corpus is worth: its metrics asked in order, what they said put together; what a recipe is worth."""
