"""What leaves a run: dataset, splits, card, other formats, the hub. Nothing is made or dropped here."""
