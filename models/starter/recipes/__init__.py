"""The recipes that train the parts of the starter pack, one module per part."""
