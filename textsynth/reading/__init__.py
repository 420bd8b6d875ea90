"""Reading what others wrote: records of a file, tables and their layouts, ways to count characters."""
