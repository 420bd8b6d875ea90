"""Operations on words, characters and mentions of source examples. One file, one operation."""
