"""From TOML to checked components and back: recipes, the files they name, starter recipes. Nothing is run here."""
