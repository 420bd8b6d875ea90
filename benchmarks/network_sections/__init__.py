"""What benchmarks/networks.py measures, a module each."""
