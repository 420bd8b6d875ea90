"""The command line: what users type, and what it shows. No work is done here, only asked for."""
