"""Pages: a report as one HTML file. They show what was measured, and work nothing out."""
