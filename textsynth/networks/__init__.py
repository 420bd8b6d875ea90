"""Networks trained on the source alone, and what they write. Networks that others have trained lie in `pretrained`."""
