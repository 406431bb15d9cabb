"""Pictures and attributes leave for shops and marketplaces: one item at a time, in an order that stays."""
