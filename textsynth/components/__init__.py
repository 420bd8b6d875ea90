"""What every plug-in promises, contract beside contract, and how it is found by name. No plug-in lies here."""
