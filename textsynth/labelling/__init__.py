"""From what labelers find to labelled sentences: sentences, votes, cleaning, and the account of both."""
