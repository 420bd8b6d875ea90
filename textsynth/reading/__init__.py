"""Reading what others wrote: records of a file, tables and their columns, ways to count characters."""
