"""Who may ask, how often, and that asking twice does it once."""
