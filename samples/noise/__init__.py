"""How people really write addresses, dates, names and numbers: named variations, each with what it still tells."""
