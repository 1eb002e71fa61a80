"""Page -> Listing or Article, in child processes that can be killed: `parser.py` is the door, `children.py` the pool."""
