"""Chat models asked for sentences: what they are asked, by whom, what it cost, and what came back."""
