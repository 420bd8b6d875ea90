"""Between sentences and the symbols of a network: vocabulary, drawing, filling, finding mentions."""
